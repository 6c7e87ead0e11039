"""The relay: sealed entries on the bus, in order, at least once."""

import json

import pytest
from redis.asyncio import Redis

from orchestrator import relay, sealer
from orchestrator.bus import STREAM
from orchestrator.redis_bus import RedisBus
from policy.event import Event
from policy.scope import Scope
from storage import ledger
from storage.steps import Step
from tests.conftest import Databases
from tests.faults import KillAt, Killed
from tests.orchestrator.world import Rows


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


async def published(redis: Redis) -> list[dict[str, object]]:
    entries = await redis.xrange(STREAM)
    return [json.loads(fields[b"event"]) for _, fields in entries]


async def sealed(rows: Rows, *, times: int = 1) -> None:
    for _ in range(times):
        await rows.started()
    await sealer.seal_all(rows.database("sealer"))


async def cursor(rows: Rows) -> list[int]:
    async with rows.database("sealer").transaction(rows.scope, Step.look) as tx:
        return [row["seq"] for row in await tx.rows("SELECT seq FROM relays")]


async def test_an_entry_becomes_a_cloud_event(rows: Rows, redis_url: str) -> None:
    """CloudEvents 1.0, structured: id, source, type, subject, time, order, data."""
    await sealed(rows)
    async with Redis.from_url(redis_url) as redis:
        sent = await relay.relay_all(rows.database("sealer"), RedisBus(redis))
        [event] = await published(redis)
    [entry] = await rows.rows("SELECT * FROM ledger")

    assert 1 == sent
    assert {
        "specversion": "1.0",
        "id": str(entry["id"]),
        "source": "/ops-autopilot/acme/staging",
        "type": "ops.agent_task.moved",
        "subject": str(entry["task_id"]),
        "time": entry["at"].isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "dataschema": "urn:ops-autopilot:events:task.moved:1",
        "tenant": "acme",
        "environment": "staging",
        "sequence": "1",
        "taskseq": 1,
        "actor": "worker 1",
        "data": json.loads(entry["body"]),
    } == event


async def test_what_was_sent_is_not_sent_again(rows: Rows, redis_url: str) -> None:
    """The cursor moves with the batch, and order is the seals'."""
    await sealed(rows, times=3)
    async with Redis.from_url(redis_url) as redis:
        first = await relay.relay_all(rows.database("sealer"), RedisBus(redis))
        await sealed(rows)
        second = await relay.relay_all(rows.database("sealer"), RedisBus(redis))
        events = await published(redis)

    assert (3, 1) == (first, second)
    assert ["1", "2", "3", "4"] == [one["sequence"] for one in events]


async def test_what_is_not_sealed_is_not_sent(rows: Rows, redis_url: str) -> None:
    """The relay follows the sealer."""
    await rows.started()
    async with Redis.from_url(redis_url) as redis:
        assert 0 == await relay.relay_all(rows.database("sealer"), RedisBus(redis))


async def test_entries_outside_tasks_stay_at_home(rows: Rows, redis_url: str) -> None:
    """A refused click is no event of a task, and the cursor passes it."""
    async with rows.database("worker").transaction(rows.scope, Step.look) as tx:
        await ledger.append(tx, Event.click_refused, actor="t", body={}, task_id=None)
    await sealer.seal_all(rows.database("sealer"))
    async with Redis.from_url(redis_url) as redis:
        sent = await relay.relay_all(rows.database("sealer"), RedisBus(redis))

    assert (0, [1]) == (sent, await cursor(rows))


async def test_a_dead_bus_keeps_the_cursor(rows: Rows, redis_url: str) -> None:
    """Nothing is lost: what could not be sent goes when the bus is back."""
    await sealed(rows, times=2)
    async with Redis.from_url("unix:///nowhere/bus.sock") as dead:
        sent = await relay.relay_all(rows.database("sealer"), RedisBus(dead))
    before = await cursor(rows)
    async with Redis.from_url(redis_url) as redis:
        later = await relay.relay_all(rows.database("sealer"), RedisBus(redis))

    assert (0, [], 2, [2]) == (sent, before, later, await cursor(rows))


async def test_a_relay_killed_after_sending_sends_again(
    rows: Rows, redis_url: str
) -> None:
    """At least once: the same id twice, which a reader drops."""
    await sealed(rows)
    killed = rows.database.fresh("sealer", faults=KillAt("after:publish_event"))
    async with Redis.from_url(redis_url) as redis:
        with pytest.raises(Killed):
            await relay.relay_all(killed, RedisBus(redis))
        await relay.relay_all(rows.database("sealer"), RedisBus(redis))
        events = await published(redis)

    assert 2 == len(events)
    assert events[0]["id"] == events[1]["id"]
