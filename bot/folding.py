"""Cards that ask for the same, but for their target: one line, and one toggle each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.blocks.overview import Pending
from bot.blocks.text import mapping_of
from storage.canonical import canonical

# A group of checkboxes has ten options (slack_sdk CheckboxesElement).
MOST_ALIKE = 10
# What must be equal for two cards to be decided on in one sight.
_SAME = ("tool", "reason_code", "rule", "quorum", "roles", "state")


def fold(
    pending: Sequence[Pending], targets: Mapping[str, Sequence[str]]
) -> list[Pending]:
    """
    Put each card that differs in its target alone behind the first of its kind.

    ``targets`` names the target's params of each tool. Only what its person may decide
    is folded; an undo restores a state of its own, and stays alone.
    """
    folded: list[Pending] = []
    places: dict[str, int] = {}
    for one in pending:
        key = _key(one, targets)
        place = places.get(key) if key else None
        if place is None or len(folded[place].alike) >= MOST_ALIKE - 1:
            if key:
                places[key] = len(folded)
            folded.append(one)
        else:
            first = folded[place]
            folded[place] = replace(first, alike=(*first.alike, one.card))
    return folded


def _key(one: Pending, targets: Mapping[str, Sequence[str]]) -> str:
    """Give what alike cards have in common; "" for one that is like no other."""
    target = targets.get(str(one.card["tool"]))
    if not target or not one.for_me or one.card.get("undoes"):
        return ""
    if one.card["state"] != "needs_approval":
        return ""
    params = mapping_of(one.card["params"])
    rest = {name: value for name, value in params.items() if name not in target}
    same = [one.card.get(name) for name in _SAME]
    return canonical([one.environment, one.kind, rest, same])
