"""Slack gone for an hour, refusing in floods, hanging up midway: every thread whole."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.courier import Courier
from policy.scope import Scope
from storage.outbox import Lane
from storage.tasks import Task
from tests.bot.office import Office
from tests.conftest import Databases
from tests.lab.world import World

pytestmark = pytest.mark.services

_TASKS = 8
_MINUTES = 60
_MOST_SECONDS = 240
# The lab answers in milliseconds: a minute's worth of what couriers would try.
_IN_A_MINUTE = 60
# What Slack may do with a call for a minute, and go on as before.
_TROUBLES = {
    "a flood of 429": ("http_429",),
    "resets": ("reset_before", "reset_after"),
    "resets that took effect": ("reset_after",),
    "server errors": ("http_500",),
}


@dataclass
class Storm:
    """Tasks that go on while Slack does not; what each root must say in the end."""

    office: Office
    tasks: list[Task] = field(default_factory=list)
    headlines: dict[str, str] = field(default_factory=dict)

    async def open(self) -> None:
        """Open a task, with a trace and a card to decide on."""
        task = await self.office.task()
        self.tasks.append(task)
        await self.office.post(task, "trace", lane=Lane.chatter)
        await self.office.card(task)
        await self.worsen(len(self.tasks) - 1)

    async def worsen(self, minute: int) -> None:
        """Have one root say something newer."""
        task = self.tasks[minute % len(self.tasks)]
        words = f"worse in minute {minute}"
        self.headlines[str(task.id)] = words
        await self.office.change_root(task, words)

    async def is_over(self) -> bool:
        """Tell whether everything was sent, or was overtaken by something newer."""
        left = await self.office.rows(
            "SELECT count(*) AS n FROM outbox WHERE state NOT IN ('sent', 'superseded')"
        )
        return not left[0]["n"]


async def _work(courier: Courier, storm: Storm) -> None:
    """Deliver until nothing is left, as soon as a thread may be looked at again."""
    while not await storm.is_over():
        await storm.office.change(
            "UPDATE threads SET not_before_at = NULL WHERE not_before_at IS NOT NULL"
        )
        await courier.deliver_next()


async def _finish(storm: Storm, couriers: Sequence[Courier]) -> None:
    async with asyncio.timeout(_MOST_SECONDS), asyncio.TaskGroup() as group:
        for one in couriers:
            group.create_task(_work(one, storm))


async def _check_threads(storm: Storm, title: str) -> None:
    """Each thread once, with its newest words; each of its messages once."""
    office = storm.office
    slots = await office.rows(
        "SELECT task_id, slot, sum(attempts) AS tries FROM outbox"
        " GROUP BY task_id, slot"
    )
    sent = await office.rows("SELECT count(*) AS n FROM outbox WHERE state = 'sent'")
    messages = await office.messages()
    threads = Counter(str(one.get("thread_ts") or one["ts"]) for one in messages)
    roots = [str(one) for one in await office.roots()]
    print(
        f"\n{title}: {len(storm.tasks)} threads, {sent[0]['n']} sent, "
        f"{sum(row['tries'] for row in slots) - sent[0]['n']} repeated, "
        f"{len(messages) - len(slots)} doubled, "
        f"{len(slots) - min(len(slots), len(messages))} lost"
    )

    assert len(slots) == len(messages)
    assert [3] * len(storm.tasks) == list(threads.values())
    for words in storm.headlines.values():
        assert 1 == sum(words in root for root in roots)


@pytest.fixture
def storm(database: Databases, scope: Scope, lab: World) -> Storm:
    return Storm(Office(database, scope, lab))


async def test_an_hour_without_slack(storm: Storm) -> None:
    """
    Each minute both couriers try; what changed meanwhile is said once, as it is now.

    The hour passes on the clock of the database's sessions. A card's time to be decided
    on counts from when it stands in Slack.
    """
    office = storm.office
    couriers = [office.courier(f"courier {n}") for n in range(2)]
    await storm.open()
    await _finish(storm, couriers)
    await office.arm("http_500", method="*", count=10_000)
    begun = office.database.clock.now
    for minute in range(_MINUTES):
        if minute < _TASKS - 1:
            await storm.open()
        office.database.clock.move(seconds=60)
        await storm.worsen(minute)
        await office.forget_lease()
        for one in couriers:
            await one.deliver_next()
    shown = await office.rows("SELECT expires_at FROM proposals ORDER BY created_at")
    tried = await office.rows("SELECT sum(attempts) AS n FROM outbox")
    await office.lab.http.delete("/lab/faults")
    await _finish(storm, couriers)
    expiries = await office.rows(
        "SELECT expires_at, expires_in_seconds FROM proposals ORDER BY created_at"
    )

    await _check_threads(storm, "an hour without Slack")
    assert tried[0]["n"] > _MINUTES
    assert [None] * (_TASKS - 1) == [row["expires_at"] for row in shown[1:]]
    for row in expiries[1:]:
        life = timedelta(seconds=row["expires_in_seconds"])
        assert row["expires_at"] - life >= begun + timedelta(minutes=_MINUTES)


@pytest.mark.parametrize("title", _TROUBLES)
async def test_a_minute_of_trouble_in_a_storm(storm: Storm, title: str) -> None:
    """In the middle of it Slack takes every call of a minute badly, then goes on."""
    office = storm.office
    couriers = [office.courier(f"courier {n}") for n in range(2)]
    for number in range(_TASKS):
        await storm.open()
        await couriers[number % 2].deliver_next()
        await storm.worsen(number)
    kinds = _TROUBLES[title]
    for _ in range(_IN_A_MINUTE // len(kinds)):
        for kind in kinds:
            await office.arm(kind, method="*", retry_after=0)
    await _finish(storm, couriers)
    armed = (await office.lab.http.get("/lab/faults")).json()["faults"]

    await _check_threads(storm, title)
    assert not armed
