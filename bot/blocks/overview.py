"""What an operator sees first, as it is rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pending:
    """
    A card that waits; ``for_me``: its person may decide and has not yet.

    ``address`` is where it stands in Slack, empty until it does.
    """

    task: str
    card: Mapping[str, object]
    for_me: bool
    address: str


@dataclass(frozen=True, slots=True)
class Overview:
    """``state`` are lines on what is unusual; none if all is as ever."""

    pending: Sequence[Pending]
    state: Sequence[str]
