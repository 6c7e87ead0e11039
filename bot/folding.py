"""Cards that ask for the same, but for their target: one line, and one toggle each."""

from collections.abc import Sequence
from dataclasses import replace

from bot.blocks.overview import Pending
from orchestrator.folding import MOST_ALIKE
from storage.canonical import canonical

# What may have changed since they were made, and must be equal all the same.
_SAME = ("alike", "rule", "quorum", "roles")


def fold(pending: Sequence[Pending]) -> list[Pending]:
    """
    Put each card that differs in its target alone behind the first of its kind.

    Only what its person may decide is folded.
    """
    folded: list[Pending] = []
    places: dict[str, int] = {}
    for one in pending:
        key = _key(one)
        place = places.get(key) if key else None
        if place is None or len(folded[place].alike) >= MOST_ALIKE - 1:
            if key:
                places[key] = len(folded)
            folded.append(one)
        else:
            first = folded[place]
            folded[place] = replace(first, alike=(*first.alike, one.card))
    return folded


def _key(one: Pending) -> str:
    """Give what alike cards have in common; "" for one that is like no other."""
    if not one.for_me or not one.card.get("alike"):
        return ""
    if one.card["state"] != "needs_approval":
        return ""
    same = [one.card.get(name) for name in _SAME]
    return canonical([one.environment, one.kind, same])
