"""``/ops freeze`` and ``/ops thaw``: the kill switch, which needs no other process."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.text import clean
from orchestrator import freezing
from orchestrator.freezing import USAGE, BadFreeze, FreezeWish
from policy.people import People
from policy.scope import Scope
from storage.database import Database
from storage.freezes import EVERYTHING

FREEZE_USAGE = f"`/ops freeze {USAGE}`"
THAW_USAGE = "`/ops thaw [environment] [tool | category | service:<name>]`"


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """``names`` are the tools and categories that may be frozen alone."""

    database: Database
    people: People
    names: tuple[str, ...]

    async def freeze(self, scopes: Sequence[Scope], rest: str, *, user: str) -> str:
        """Freeze, and say what had begun before."""
        person = self.people.find_by_slack(user)
        if person is None or not self.people.may_freeze(person):
            return self._refuse("freeze", self.people.freezers)
        try:
            wish = freezing.parse_wish(
                rest, environments=_environments(scopes), names=self.names
            )
            scope = _pick(scopes, wish)
            said = await freezing.freeze(self.database, scope, wish, by=person.id)
        except BadFreeze as exc:
            return f"Nothing was frozen: {clean(str(exc))}.\nUse {FREEZE_USAGE}"
        back = "" if wish.scope == EVERYTHING else f" {wish.scope}"
        return f"🧊 {clean(said)}\nLift it with `/ops thaw {scope.environment}{back}`."

    async def thaw(self, scopes: Sequence[Scope], rest: str, *, user: str) -> str:
        """Thaw, and say what is still frozen."""
        person = self.people.find_by_slack(user)
        if person is None or not self.people.may_thaw(person):
            return self._refuse("thaw", self.people.thawers)
        try:
            wish = freezing.parse_thaw(
                rest, environments=_environments(scopes), names=self.names
            )
        except BadFreeze as exc:
            return f"Nothing was thawed: {clean(str(exc))}.\nUse {THAW_USAGE}"
        scope = _pick(scopes, wish)
        left = await freezing.thaw(self.database, scope, wish, by=person.id)
        return clean(freezing.say_thawed(scope, left))

    def _refuse(self, verb: str, roles: frozenset[str]) -> str:
        whose = " or ".join(sorted(roles)) or "nobody"
        return f"You may not {verb} writes here; that is for {whose}. Nothing changed."


def _pick(scopes: Sequence[Scope], wish: FreezeWish) -> Scope:
    """Give the named environment, else production, else the first."""
    wanted = wish.environment or "prod"
    return next((one for one in scopes if one.environment == wanted), scopes[0])


def _environments(scopes: Sequence[Scope]) -> list[str]:
    return [one.environment for one in scopes]
