"""
Risk from 1 to 10: a pure function of what is measured, never of a model's word.

Class: reversible 2, irreversible 6. Production adds 1. Reach adds 1 from a thousand and
2 from a hundred thousand (users, requests per second times a hundred). A target that
no cited evidence holds adds 2, one from attacker-writable text 2.
"""

from dataclasses import dataclass

from policy.tool_spec import ToolCategory

_WIDE = 100_000
_NOTABLE = 1_000
_HIGHEST = 10
_HIGH_FROM = 7
_MEDIUM_FROM = 4


@dataclass(frozen=True, slots=True)
class Risk:
    score: int
    factors: tuple[str, ...]


def assess_risk(
    category: ToolCategory,
    *,
    environment: str,
    amount: float,
    unit: str,
    uncited: bool,
    tainted: bool,
) -> Risk:
    """Add up what makes an action dangerous, and say each part."""
    irreversible = category is ToolCategory.write_irreversible
    parts = [(6, "can't be undone") if irreversible else (2, "reversible")]
    if environment == "prod":
        parts.append((1, "production"))
    reach = amount * (100 if unit == "requests/s" else 1)
    if reach >= _NOTABLE:
        points = 2 if reach >= _WIDE else 1
        parts.append((points, f"reaches {amount:,.0f} {unit}"))
    if uncited:
        parts.append((2, "a target is in no cited evidence"))
    if tainted:
        parts.append((2, "a target comes from untrusted text"))
    score = min(_HIGHEST, sum(points for points, _ in parts))
    return Risk(score, tuple(f"{text} +{points}" for points, text in parts))


def risk_word(score: int) -> str:
    if score >= _HIGH_FROM:
        return "high"
    return "medium" if score >= _MEDIUM_FROM else "low"
