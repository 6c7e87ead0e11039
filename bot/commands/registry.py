"""
Every command, and who may use it; the same for a slash, a mention and a message.

Theory of operation: the first word picks a command, the rest is its own to read. A
person must be allowed what it needs (``people.yaml``); a word that is none is met with
the nearest one. Answers are for the person alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import structlog

from bot.blocks.text import clean
from bot.commands import later
from bot.commands.acts import Acts
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.deciding import Deciding
from bot.commands.evals import Evals
from bot.commands.level import Levels
from bot.commands.listing import Listing
from bot.commands.opening import Opening
from bot.commands.overview import Overview
from bot.commands.switch import KillSwitch
from bot.commands.usage import explain
from bot.links import Links
from orchestrator.intake import Reception
from policy.people import People
from storage.database import Database
from storage.errors import StorageError

_EACH = "`/ops help freeze` says more of one."
_AWAY = (
    "The database does not answer, so it isn't known whether that was done. Look at"
    " `/ops tasks` before you try again."
)
_WHAT = "*Ops Autopilot* looks into trouble, proposes, and acts once you approve."
_NO_ENTRY = (
    "You may not {what} here: nobody with your Slack id has a role in `people.yaml`. "
    "Ask those who run Ops Autopilot."
)
_MAY = {
    Needs.read: "see anything",
    Needs.open: "open tasks",
    Needs.act: "decide or change anything",
}
_NEAR = 0.6
# What the buttons are called.
_ALIKE = {"take over": "take", "stop": "take", "hand back": "back"}


@dataclass(frozen=True, slots=True)
class Registry:
    """``verbs`` are those of ``commands``, by their word."""

    people: People
    commands: Sequence[Command]

    @property
    def verbs(self) -> dict[str, Command]:
        return {one.verb: one for one in self.commands}

    def find(self, words: str) -> Command | None:
        """Give the command that these words ask for."""
        return self.verbs.get(_split(words)[0])

    async def answer(self, asked: Asked) -> Said:
        """Answer a request whose first word is the verb."""
        verb, rest = _split(asked.words)
        if verb == "help":
            return Said(self._help_on(rest.lower().removeprefix("/ops ")))
        command = self.find(asked.words)
        if command is None:
            return Said(f"{self._unknown(verb)}\n\n{self.help()}")
        if not self._may(asked, command.needs):
            return Said(_NO_ENTRY.format(what=_MAY[command.needs]))
        try:
            return await command.run(replace(asked, words=rest))
        except StorageError as exc:
            structlog.get_logger().warning("command.failed", error=str(exc))
            return Said(_AWAY)

    def _help_on(self, verb: str) -> str:
        """Explain a command, or list them all."""
        named = self.find(verb) if verb else None
        if named is not None:
            return explain(named)
        return f"{self._unknown(verb)}\n\n{self.help()}" if verb else self.help()

    def help(self) -> str:
        """Say what there is, one line each; what is not built comes last, in one."""
        there = [one for one in self.commands if one.needs is not Needs.nothing]
        lines = [f"• `/ops {one.usage}` {one.what}" for one in there if one.verb]
        waits = [f"`{one.verb}`" for one in self.commands if one.needs is Needs.nothing]
        later = f"Not built yet: {', '.join(waits)}."
        return "\n".join([_WHAT, *lines, _EACH, later])

    def _may(self, asked: Asked, needs: Needs) -> bool:
        if needs in {Needs.nothing, Needs.switch}:
            return True
        return self.people.may(asked.person, needs)

    def _unknown(self, verb: str) -> str:
        near = get_close_matches(verb, self.verbs, n=1, cutoff=_NEAR)
        meant = f" Did you mean `/ops {near[0]}`?" if near else ""
        return f"There is no `/ops {clean(verb, most=40)}`.{meant}"


def _split(words: str) -> tuple[str, str]:
    """Give the verb and what comes after it, on this line or the next."""
    for count in (2, 1):
        typed = words.split(maxsplit=count)
        verb = _ALIKE.get(" ".join(typed[:count]).lower())
        if verb is not None:
            return verb, "".join(typed[count:]).strip()
    verb, rest = [*words.split(maxsplit=1), "", ""][:2]
    return verb.lower(), rest.strip()


def make_registry(
    database: Database,
    reception: Reception,
    people: People,
    names: tuple[str, ...],
    links: Links,
) -> Registry:
    """Wire the commands; ``names`` are the tools and categories that can be frozen."""
    groups = (
        Overview(database, links),
        Opening(database, reception),
        Listing(database, links),
        Deciding(database),
        Acts(database, reception),
        Levels(database),
        Evals(database),
        KillSwitch(database, people, names),
    )
    made = [command for group in groups for command in group.commands()]
    return Registry(people, [*made, *later.commands()])
