"""
Which environment a word names: one that is connected, or one that is not.

What is done "in dev" must not be done in production, so a word that names an
environment is never the first word of a reason.
"""

from collections.abc import Sequence

PRODUCTION = "prod"
_SAME = {
    "production": PRODUCTION,
    "prd": PRODUCTION,
    "stage": "staging",
    "stg": "staging",
    "development": "dev",
}
# What people call environments, whether or not somebody has set one up.
_KNOWN = frozenset(
    {*_SAME, PRODUCTION, "staging", "dev", "preprod", "pre-prod", "qa", "uat"}
)


def find_environment(word: str, connected: Sequence[str]) -> str | None:
    """Give the one that a word names, in any case, or by another name of its."""
    lower = word.lower()
    named = {one.lower(): one for one in connected}
    meant = _SAME.get(lower, lower)
    alike = (one for name, one in named.items() if _SAME.get(name) == meant)
    return named.get(lower) or named.get(meant) or next(alike, None)


def is_elsewhere(word: str, connected: Sequence[str], others: Sequence[str]) -> bool:
    """
    Tell whether a word names an environment, though none that is connected.

    Its own name comes before what a connected one is called as well.
    """
    lower = word.lower()
    if lower in {one.lower() for one in others}:
        return lower not in {one.lower() for one in connected}
    if find_environment(word, connected) is not None:
        return False
    return word.lower() in _KNOWN or find_environment(word, others) is not None


def find_default(connected: Sequence[str]) -> str | None:
    """Give the one that is meant by nothing: production, or the only one."""
    if len(connected) == 1:
        return connected[0]
    return find_environment(PRODUCTION, connected)
