"""Answers put together from several systems, some of which may not be there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.ports import NotConfigured, Unreadable

Answer = TypeVar("Answer")
Part = TypeVar("Part")
Row = TypeVar("Row")


@dataclass(slots=True)
class Sources:
    """``missing`` says which were not asked or did not answer, and why."""

    missing: list[str] = field(default_factory=list)

    def take(
        self, name: str, part: Part | None, make: Callable[[Part], Row]
    ) -> Row | None:
        """Give a part as a row; None, with a line in ``missing``, where it is odd."""
        if part is None:
            return None
        try:
            return make(part)
        except Unreadable as exc:
            self.missing.append(f"{name}: {exc}")
        return None

    async def ask(self, name: str, reading: Awaitable[Answer]) -> Answer | None:
        """Give the answer; None, with a line in ``missing``, where there is none."""
        try:
            return await reading
        except NotConfigured:
            self.missing.append(f"{name}: no connector serves it here")
        except Unreadable as exc:
            self.missing.append(f"{name}: {exc}")
        return None
