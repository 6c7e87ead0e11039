"""
Where events go, and where readers follow them: one stream, on Redis or on NATS.

A bus may be away, slow or start anew: what it does not confirm is sent once more, with
the same id, in the same order. Readers drop the ids that they have seen.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

STREAM = "events.ops_agents.v1"
# About a week at ten events a second; the ledger is the source for older ones.
MOST_KEPT = 5_000_000
PATIENCE_SECONDS = 10.0


class BusAway(Exception):
    """The bus did not confirm: nothing, a part or all of it was taken. Come again."""


@dataclass(frozen=True, slots=True)
class Message:
    """``event`` is a CloudEvent as JSON text; ``id`` is its id."""

    id: str
    event: str


class Bus(Protocol):
    """``name`` says whose cursor it is in ``relays``; it never changes."""

    name: str

    async def publish(self, messages: Sequence[Message]) -> None:
        """
        Put them on the stream in this order, and return once it keeps them all.

        Raises:
            BusAway: it does not answer, or does not confirm.
        """

    async def check(self) -> None:
        """
        Reach it, and change nothing that anybody reads.

        Raises:
            BusAway: it does not answer.
        """

    def follow(self, *, beginning: bool) -> AsyncIterator[str]:
        """
        Give each event as JSON text: from the stream's beginning, or the new ones.

        Raises:
            BusAway: it does not answer.
        """

    async def close(self) -> None:
        """Let go of its connections."""
