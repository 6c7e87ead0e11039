"""A command as it is asked and answered, whichever way it came."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.blocks.text import Block, sections
from bot.origin import Origin
from policy.person import Person
from policy.scope import Scope
from storage.tasks import Task


class Needs(StrEnum):
    """
    What a person must be allowed, to use a command; ``people.yaml`` says who is.

    Commands of the kill switch ask it themselves.
    """

    nothing = "nothing"
    read = "read"
    open = "open"
    act = "act"
    switch = "switch"


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One request: ``words`` come after the verb.

    ``key`` is the same however often Slack delivers it. ``here`` is the task in whose
    thread it was said; a slash command has no thread. ``origin`` is where it was typed:
    what comes of it later is answered there.
    """

    words: str
    user: str
    person: Person | None
    scopes: Sequence[Scope]
    key: str
    here: Task | None = None
    origin: Origin | None = None

    @property
    def by(self) -> Person:
        """
        Give the person; for commands that need one.

        Raises:
            LookupError: the command was not guarded by ``Needs.act``.
        """
        if self.person is None:
            raise LookupError(f"{self.user} is nobody in people.yaml")
        return self.person


@dataclass(frozen=True, slots=True)
class Said:
    """An answer for one person's eyes; ``text`` alone where blocks can't be shown."""

    text: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def shown(self) -> list[Block]:
        """Give its blocks: of a bare text Slack would make links of its own."""
        return self.blocks or sections(self.text.split("\n"))


@dataclass(frozen=True, slots=True)
class Command:
    """
    ``usage`` is what is typed after ``/ops``; ``what`` says in one line what it does.
    """

    verb: str
    usage: str
    what: str
    needs: Needs
    run: Callable[[Asked], Awaitable[Said]]
