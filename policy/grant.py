"""
A grant: a person's leave to do the same for a while, without being asked each time.

It is an expiring row of the autonomy matrix with an id of its own, made by who may
approve, where the approval rule says for how long and how often. It raises L1 to L2,
for reversible writes alone; every guard holds beside it as ever.
"""

from dataclasses import dataclass

from policy.risk import HIGHEST


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What an approval rule lets a person grant at most."""

    minutes: int
    most: int


@dataclass(frozen=True, slots=True)
class Grant:
    """
    One grant as it stands when policy is asked.

    It is about this call's tool, kind and service, or it is no fact of the call.
    ``uses_left`` counts what may still begin under it, this call included. It
    covers nothing riskier than ``most_risk``, the risk of what was approved with it.
    """

    id: str
    person: str
    seconds_left: float
    uses_left: int
    most_risk: int = HIGHEST

    @property
    def rule(self) -> str:
        """Name it as a rule of the matrix."""
        return rule_of(self.id)

    @property
    def is_live(self) -> bool:
        return self.seconds_left > 0 and self.uses_left > 0


def rule_of(grant_id: object) -> str:
    return f"grant:{grant_id}"
