"""
Risk from 1 to 10: a pure function of what is measured, never of a model's word.

| part | points |
| --- | --- |
| class: reversible, irreversible | 2, 6 |
| production | 1 |
| reach: from a thousand, from a hundred thousand (users; requests/s times 100) | 1, 2 |
| a target that no cited evidence holds | 2 |
| a target from attacker-writable text alone | 2 |
| no evidence cited at all | 1 |
| evidence older than half of what the tool allows it to be | 1 |
| the agent version: fewer than 3 actions of it verified here | 1 |
| the agent version: a quarter or more of its last 20 failed or were undone | 2 |

The sum is cut at 10. An undo restores what was measured before the action, so that
neither evidence nor the agent's record speaks for or against it. docs/slack.md shows
the same table.
"""

from dataclasses import dataclass

from policy.tool_spec import ToolCategory

_WIDE = 100_000
_NOTABLE = 1_000
HIGHEST = 10
_HIGH_FROM = 7
_MEDIUM_FROM = 4
# Of a version's last so many settled actions, so few or so large a part.
RECORD_OF = 20
_PROVEN_FROM = 3
_BAD_PART = 0.25


@dataclass(frozen=True, slots=True)
class Risk:
    score: int
    factors: tuple[str, ...]


def unweighed() -> Risk:
    """Take what nobody has weighed yet for as dangerous as can be."""
    return Risk(HIGHEST, ())


@dataclass(frozen=True, slots=True)
class Proof:
    """
    What is cited: how many pieces, the age of the oldest, and what the tool allows.

    Ages are in seconds.
    """

    pieces: int
    oldest_seconds: float
    most_seconds: float


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """
    How the last settled actions of an agent version ended in this environment.

    ``failed`` counts what failed, was undone, or ended nobody knows how.
    """

    verified: int
    failed: int

    @property
    def settled(self) -> int:
        return self.verified + self.failed

    @property
    def is_bad(self) -> bool:
        """Tell whether so large a part failed that its next action is riskier."""
        return self.failed > 0 and self.failed >= self.settled * _BAD_PART


@dataclass(frozen=True, slots=True)
class Measured:
    """What a risk is made of; ``proof`` and ``record`` are None of an undo."""

    category: ToolCategory
    environment: str
    amount: float
    unit: str
    uncited: bool
    tainted: bool
    proof: Proof | None
    record: AgentRecord | None


def assess_risk(of: Measured) -> Risk:
    """Add up what makes an action dangerous, and say each part."""
    irreversible = of.category is ToolCategory.write_irreversible
    parts = [(6, "can't be undone") if irreversible else (2, "reversible")]
    if of.environment == "prod":
        parts.append((1, "production"))
    reach = of.amount * (100 if of.unit == "requests/s" else 1)
    if reach >= _NOTABLE:
        points = 2 if reach >= _WIDE else 1
        parts.append((points, f"reaches {of.amount:,.0f} {of.unit}"))
    if of.uncited:
        parts.append((2, "a target is in no cited evidence"))
    if of.tainted:
        parts.append((2, "a target comes from untrusted text"))
    parts += _of_proof(of.proof) + _of_record(of.record)
    score = min(HIGHEST, sum(points for points, _ in parts))
    return Risk(score, tuple(f"{text} +{points}" for points, text in parts))


def _of_proof(proof: Proof | None) -> list[tuple[int, str]]:
    if proof is None:
        return []
    if proof.pieces == 0:
        return [(1, "cites no evidence")]
    if proof.oldest_seconds * 2 > proof.most_seconds:
        return [(1, f"its evidence is {proof.oldest_seconds / 60:,.0f} min old")]
    return []


def _of_record(record: AgentRecord | None) -> list[tuple[int, str]]:
    if record is None:
        return []
    if record.is_bad:
        last = f"this agent version's last {record.settled}"
        return [(2, f"{record.failed} of {last} failed")]
    if record.verified < _PROVEN_FROM:
        return [(1, f"this agent version has {record.verified} verified actions")]
    return []


def risk_word(score: int) -> str:
    if score >= _HIGH_FROM:
        return "high"
    return "medium" if score >= _MEDIUM_FROM else "low"
