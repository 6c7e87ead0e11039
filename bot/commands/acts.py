"""``/ops take``, ``back`` and ``close``: what a person does with a task itself."""

from dataclasses import dataclass

from bot.blocks.headline import headline
from bot.blocks.text import clean
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.finding import find_task
from gateway.redaction.redact import redact_text
from orchestrator.acting import Wish, act
from orchestrator.intake import Reception
from policy.acts import Act
from storage.database import Database

_VERBS = {
    Act.take: "take",
    Act.hand_back: "back",
    Act.close: "close",
    Act.mute: "mute",
    Act.unmute: "unmute",
}
_WITH_WORDS = frozenset({Act.close, Act.hand_back})
_MOST_NOTE = 300
_NO_WORDS = (
    "Nothing was done: `{verb}` takes no words behind the task. For `{id}` type "
    "`{verb} {id}` alone."
)
_MEANT = (
    "Nothing was done, since that may be a sentence. If it is meant, type "
    "`{verb} {id} {note}`; without a word of why `{verb}` alone will do."
)


@dataclass(frozen=True, slots=True)
class Acts:
    database: Database
    reception: Reception

    def commands(self) -> list[Command]:
        return [
            Command("take", "take id", "takes a task over", Needs.act, self.take),
            Command(
                "back",
                "back id [why]",
                "hands it back to the autopilot",
                Needs.act,
                self.back,
            ),
            Command("close", "close id [why]", "closes a task", Needs.act, self.close),
            Command("mute", "mute id", "ends its reminders", Needs.act, self.mute),
            Command(
                "unmute", "unmute id", "has it remind again", Needs.act, self.unmute
            ),
        ]

    async def mute(self, asked: Asked) -> Said:
        return await self._act(asked, Act.mute)

    async def unmute(self, asked: Asked) -> Said:
        return await self._act(asked, Act.unmute)

    async def take(self, asked: Asked) -> Said:
        return await self._act(asked, Act.take)

    async def back(self, asked: Asked) -> Said:
        return await self._act(asked, Act.hand_back)

    async def close(self, asked: Asked) -> Said:
        return await self._act(asked, Act.close)

    async def _act(self, asked: Asked, wanted: Act) -> Said:
        task, note = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        verb = _VERBS[wanted]
        if note and wanted not in _WITH_WORDS:
            return Said(_NO_WORDS.format(verb=verb, id=task.short_id))
        if note and note == asked.words.strip():
            # Who says "close to fixing it" in its thread means no command.
            said = clean(note, most=_MOST_NOTE)
            return Said(_MEANT.format(verb=verb, id=task.short_id, note=said))
        hidden = self.reception.pseudonyms(task.tenant_id)
        wish = Wish(wanted, asked.by, asked.key, redact_text(note, hidden))
        said = (await act(self.database, task, wish)).text
        return Said(
            f"`{task.short_id}` {clean(headline(task.title), most=100)}: {said}"
        )
