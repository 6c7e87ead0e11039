"""Every entry of a task that the rooms write in a test is held against its schema."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

import pytest

from policy.event import Event
from storage import ledger
from storage.canonical import canonical
from storage.database import Tx
from storage.ledger import Said
from wire.events import EVENTS


def check(event: Event, body: Mapping[str, object]) -> None:
    """
    Hold one body against its event's schema.

    Raises:
        ValidationError: a field is missing, of another form, or of no schema.
    """
    if event.value in EVENTS:
        EVENTS[event.value].model_validate_json(canonical(body))


@contextmanager
def checked() -> Iterator[None]:
    """Look at what is appended by anybody but a test."""
    append, append_all = ledger.append, ledger.append_all

    async def append_one(
        tx: Tx,
        event: Event,
        *,
        actor: str,
        body: Mapping[str, object],
        task_id: UUID | None,
    ) -> None:
        if _is_of_a_room():
            check(event, body)
        await append(tx, event, actor=actor, body=body, task_id=task_id)

    async def append_many(tx: Tx, said: Sequence[Said]) -> None:
        if _is_of_a_room():
            for one in said:
                check(one.event, one.body)
        await append_all(tx, said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "append", append_one)
        patch.setattr(ledger, "append_all", append_many)
        yield


def _is_of_a_room() -> bool:
    """Tell who awaits the append; a test may say what it likes."""
    caller = sys._getframe(2).f_globals["__name__"]  # noqa: SLF001 - the caller's module
    return not str(caller).startswith("tests.")
