"""How many deliveries of a kind one process holds in memory at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.bodies import Refused

# Bodies over ``bodies.MOST_BYTES``; read as JSON one of 8 MiB takes some 60 MiB.
MOST_AT_ONCE = 4
# Bodies below a signature, 1 MiB at most but for the above, read before it is checked:
# whoever knows an endpoint's name can send them.
MOST_UNPROVEN = 200
_RETRY_SECONDS = 5


@dataclass(slots=True)
class Place:
    """One delivery's part of a room."""

    room: "Room"
    is_taken: bool = False

    def take(self) -> None:
        """
        Take it, unless it is taken already.

        Raises:
            Refused: others fill the room.
        """
        if self.is_taken:
            return
        if self.room.held >= self.room.most:
            raise Refused(
                503,
                f"{self.room.most} {self.room.what} are being read; send it again",
                retry_seconds=_RETRY_SECONDS,
            )
        self.room.held += 1
        self.is_taken = True


@dataclass(slots=True)
class Room:
    """One web process's."""

    most: int = MOST_AT_ONCE
    what: str = "large deliveries"
    held: int = 0

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Give a place, and have it back at the end."""
        mine = Place(self)
        try:
            yield mine
        finally:
            self.held -= mine.is_taken
