"""``/ops level``: what runs by itself by grant, and how to take a grant back."""

from dataclasses import dataclass

from bot.blocks.grant import say_grant
from bot.blocks.text import clean, clean_lines
from bot.commands.command import Asked, Command, Needs, Said
from orchestrator.withdrawing import withdraw
from policy.scope import Scope
from storage import overrides
from storage.database import Database
from storage.overrides import Override
from storage.steps import Step

WITHDRAW = "withdraw"
_NONE = "No grant holds: what `autonomy.yaml` says holds for all."
_HOW = (
    "Levels are rows of `policy/rules/autonomy.yaml`, changed in review. An approver "
    "grants the same for a while on a card; take it back with `/ops level withdraw id`."
)


@dataclass(frozen=True, slots=True)
class Levels:
    database: Database

    def commands(self) -> list[Command]:
        says = "lists grants, or takes one back"
        usage = "level [withdraw id]"
        return [Command("level", usage, says, Needs.read, self.answer)]

    async def answer(self, asked: Asked) -> Said:
        found = [
            (scope, one) for scope in asked.scopes for one in await self._live(scope)
        ]
        words = asked.words.lower().replace("`", "").split()
        if not words:
            lines = [f"• {scope.environment}: {say_grant(one)}" for scope, one in found]
            return Said("\n".join([*(lines or [_NONE]), _HOW]))
        if words[0] != WITHDRAW or len(words) > 2:  # noqa: PLR2004 - verb and id
            return Said(f"Say `/ops level` or `/ops level withdraw id`. {_HOW}")
        if asked.person is None or not asked.person.roles:
            return Said("That is for people with a role here; nothing was changed.")
        wanted = words[1] if len(words) > 1 else ""
        meant = [one for one in found if one[1].short_id.startswith(wanted)]
        if len(meant) != 1:
            return Said(_unclear(wanted, [one.short_id for _, one in meant or found]))
        [(scope, one)] = meant
        said = await withdraw(self.database, scope, one.id, by=asked.person.id)
        return Said(clean_lines(said))

    async def _live(self, scope: Scope) -> list[Override]:
        async with self.database.transaction(scope, Step.read_view) as tx:
            return list(await overrides.list_live(tx))


def _unclear(wanted: str, known: list[str]) -> str:
    if not known:
        return _NONE
    named = ", ".join(f"`{one}`" for one in known)
    return f"No one grant is meant by `{clean(wanted, most=20)}`; there are: {named}."
