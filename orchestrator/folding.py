"""Cards of one run that ask for the same, but for their target, fold into one."""

from collections.abc import Sequence

from policy.proposal import ProposalState
from storage import proposals
from storage.database import Tx
from storage.proposals import Proposal

# A group of checkboxes has ten options (slack_sdk CheckboxesElement).
MOST_ALIKE = 10


async def fold(tx: Tx, found: Sequence[Proposal]) -> list[Proposal]:
    """
    Fold what is alike, and give those whose cards are to be posted.

    The first of each group stands for it; a card that was shown stays one of its own.
    """
    shown = {one.id: one for one in found}
    for group in group_alike(found):
        await proposals.fold(tx, [one.id for one in group], leader=group[0].id)
        for one in group[1:]:
            del shown[one.id]
    return list(shown.values())


def group_alike(found: Sequence[Proposal]) -> list[list[Proposal]]:
    """Give groups of two and more that one sight can decide, ten at most each."""
    by_key: dict[str, list[Proposal]] = {}
    for one in found:
        pending = one.state is ProposalState.needs_approval
        if pending and one.alike and one.folded_in is None:
            by_key.setdefault(one.alike, []).append(one)
    groups = [
        every[start : start + MOST_ALIKE]
        for every in by_key.values()
        for start in range(0, len(every), MOST_ALIKE)
    ]
    return [group for group in groups if len(group) > 1]
