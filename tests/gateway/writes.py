"""The write side of a system in memory: conditional, keyed, and failing when told."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.ports import ConnectorError, NotThere, StateMoved

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Failure:
    """What a write meets; ``applied`` says that it took effect all the same."""

    error: ConnectorError
    applied: bool = False


@dataclass
class Writes:
    """The write side of one system: failures to come, and what really changed."""

    coming: deque[Failure] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def begin(self, key: str, *, seen: int, version: int) -> Failure | None:
        """Raise what the request meets before it takes effect."""
        self.asked.append(key)
        failure = self.coming.popleft() if self.coming else None
        if failure is not None and not failure.applied:
            raise failure.error
        if seen != version:
            raise StateMoved("changed since it was seen")
        self.done.append(key)
        return failure


@dataclass
class Kept(Generic[Subject]):
    """Subjects by id, each with a ``version``, changed by keyed writes."""

    rows: dict[str, Subject]
    writes: Writes = field(default_factory=Writes)
    repeatable: bool = True

    def read(self, name: str) -> Subject:
        if name not in self.rows:
            raise NotThere(f"{name}: HTTP 404")
        return self.rows[name]

    def write(
        self, name: str, change: Callable[[Subject], Subject], *, seen: int, key: str
    ) -> Subject:
        """Apply ``change``, which bumps the version, unless the key is known."""
        now = self.read(name)
        if key in self.writes.done:
            return now
        version = getattr(now, "version")  # noqa: B009 - every subject has one
        failure = self.writes.begin(key, seen=seen, version=version)
        self.rows[name] = change(now)
        if failure is not None:
            raise failure.error
        return self.rows[name]
