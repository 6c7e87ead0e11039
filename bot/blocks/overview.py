"""What an operator sees first, as it is rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pending:
    """
    A card that waits; ``for_me``: its person may decide and has not yet.

    ``address`` is where it stands in Slack, empty until it does; ``kind`` is its
    task's. ``alike`` are cards that differ from it in their target alone. ``deciding``:
    its person has decided, and it is being settled.
    """

    task: str
    card: Mapping[str, object]
    for_me: bool
    address: str
    environment: str = ""
    kind: str = ""
    alike: tuple[Mapping[str, object], ...] = ()
    deciding: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """
    ``state`` are lines on what is unusual; none if all is as ever.

    ``left`` are how many more wait than are here, ``left_mine`` those of the person's;
    ``every`` are all that wait, on whatever page, and ``before`` those on earlier ones.
    """

    pending: Sequence[Pending]
    state: Sequence[str]
    left: int = 0
    left_mine: int = 0
    every: int = 0
    before: int = 0
