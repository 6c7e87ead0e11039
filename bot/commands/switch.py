"""``/ops freeze`` and ``/ops thaw``: the kill switch, which needs no other process."""

from dataclasses import dataclass

from bot.blocks.text import clean, clean_lines
from bot.commands.command import Asked, Command, Needs, Said
from bot.environments import NoEnvironment, list_others, names_of, pick
from orchestrator import freezing
from orchestrator.freezing import USAGE, BadFreeze
from policy.people import People
from storage.database import Database
from storage.freezes import EVERYTHING

_THAW = "thaw [environment] [tool | category | service:name]"
FREEZE_USAGE = f"`/ops freeze {USAGE}`"
THAW_USAGE = f"`/ops {_THAW}`"


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """``names`` are the tools and categories that may be frozen alone."""

    database: Database
    people: People
    names: tuple[str, ...]

    def commands(self) -> list[Command]:
        """Both ask themselves who may: those whom it is for are named."""
        stops = "stops every write now"
        goes_on = "lets writes go on"
        return [
            Command("freeze", f"freeze {USAGE}", stops, Needs.switch, self.freeze),
            Command("thaw", _THAW, goes_on, Needs.switch, self.thaw),
        ]

    async def freeze(self, asked: Asked) -> Said:
        """Freeze, and say what had begun before."""
        person, scopes = asked.person, asked.scopes
        if person is None or not self.people.may_freeze(person):
            return _refuse("freeze", self.people.freezers)
        try:
            wish = freezing.parse_wish(
                asked.words,
                environments=names_of(scopes),
                names=self.names,
                others=await list_others(self.database, scopes),
            )
            scope = pick(scopes, wish.environment)
            said = await freezing.freeze(self.database, scope, wish, by=person.id)
        except (BadFreeze, NoEnvironment) as exc:
            return Said(f"Nothing was frozen: {clean(str(exc))}.\nUse {FREEZE_USAGE}")
        back = "" if wish.scope == EVERYTHING else f" {wish.scope}"
        lift = f"Lift it with `/ops thaw {scope.environment}{back}`."
        if wish.lasts is None:
            lift = f"It stays until somebody thaws. {lift}"
        return Said(f"🧊 {clean_lines(said)}\n{lift}")

    async def thaw(self, asked: Asked) -> Said:
        """Thaw, and say what is still frozen."""
        person, scopes = asked.person, asked.scopes
        if person is None or not self.people.may_thaw(person):
            return _refuse("thaw", self.people.thawers)
        try:
            wish = freezing.parse_thaw(
                asked.words,
                environments=names_of(scopes),
                names=self.names,
                others=await list_others(self.database, scopes),
            )
            scope = pick(scopes, wish.environment)
        except (BadFreeze, NoEnvironment) as exc:
            return Said(f"Nothing was thawed: {clean(str(exc))}.\nUse {THAW_USAGE}")
        left = await freezing.thaw(self.database, scope, wish, by=person.id)
        return Said(clean_lines(freezing.say_thawed(scope, left)))


def _refuse(verb: str, roles: frozenset[str]) -> Said:
    whose = " or ".join(sorted(roles)) or "nobody"
    return Said(
        f"You may not {verb} writes here; that is for {whose}. Nothing changed."
    )
