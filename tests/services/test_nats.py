"""Events on a real NATS JetStream: in order, once, over restarts and lost answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import nats
import pytest
from nats.js import JetStreamContext

from orchestrator import relay, sealer
from orchestrator.bus import STREAM, BusAway, Message
from orchestrator.nats_bus import NatsBus
from policy.scope import Scope
from tests.conftest import Databases
from tests.faults import KillAt, Killed
from tests.orchestrator.world import Rows
from tests.services.servers import Server, free_port

pytestmark = [pytest.mark.services, pytest.mark.timeout(120)]

Start = Callable[[int], Server]


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@asynccontextmanager
async def stream_of(server: Server) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(server.url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def take(bus: NatsBus, count: int) -> list[str]:
    following = bus.follow(beginning=True)
    return [await anext(following) for _ in range(count)]


async def sealed(rows: Rows, times: int) -> None:
    for _ in range(times):
        await rows.started()
    await sealer.seal_all(rows.database("sealer"))


async def test_sealed_entries_arrive_in_their_order(
    rows: Rows, real_nats: Start
) -> None:
    """As CloudEvents, from the ledger's beginning."""
    bus = NatsBus((await asyncio.to_thread(real_nats, free_port())).url)
    await sealed(rows, 3)
    sent = await relay.relay_all(rows.database("sealer"), bus)
    events = [json.loads(one) for one in await take(bus, 3)]
    await bus.close()

    assert 3 == sent
    assert ["1", "2", "3"] == [one["sequence"] for one in events]
    assert {"1.0"} == {one["specversion"] for one in events}


async def test_a_relay_that_is_killed_repeats_what_the_stream_knows(
    rows: Rows, real_nats: Start
) -> None:
    """By its id, so that a reader sees it once."""
    server = await asyncio.to_thread(real_nats, free_port())
    bus = NatsBus(server.url)
    await sealed(rows, 3)
    killed = rows.database.fresh("sealer", faults=KillAt("after:publish_event"))
    with pytest.raises(Killed):
        await relay.relay_all(killed, bus)
    again = await relay.relay_all(rows.database("sealer"), bus)
    async with stream_of(server) as stream:
        kept = await stream.stream_info("EVENTS_OPS_AGENTS_V1")
    await bus.close()

    assert (3, 3) == (again, kept.state.messages)


async def test_a_server_that_comes_back_gets_the_rest(
    rows: Rows, real_nats: Start
) -> None:
    """Nothing is lost, and what it had it still has."""
    port = free_port()
    first = await asyncio.to_thread(real_nats, port)
    bus = NatsBus(first.url)
    await sealed(rows, 2)
    await relay.relay_all(rows.database("sealer"), bus)
    await asyncio.to_thread(first.stop)
    await sealed(rows, 2)
    away = await relay.relay_all(rows.database("sealer"), bus)
    second = NatsBus((await asyncio.to_thread(real_nats, port)).url)
    later = await relay.relay_all(rows.database("sealer"), second)
    found = [json.loads(one)["sequence"] for one in await take(second, 4)]
    await bus.close()
    await second.close()

    assert (0, 2) == (away, later)
    assert ["1", "2", "3", "4"] == found


async def test_a_stream_of_the_operators_is_taken_as_it_is(real_nats: Start) -> None:
    """Whatever its name: theirs are its limits and its copies."""
    server = await asyncio.to_thread(real_nats, free_port())
    async with stream_of(server) as stream:
        await stream.add_stream(name="OURS", subjects=[STREAM], max_msgs=2)
        bus = NatsBus(server.url)
        await bus.publish([Message(str(n), f'{{"n":{n}}}') for n in range(3)])
        kept = await stream.stream_info("OURS")
        await bus.close()

    assert 2 == kept.state.messages


async def test_wrong_credentials_are_said(real_nats: Start) -> None:
    """Without the right ones, or the wrong ones."""
    server = await asyncio.to_thread(real_nats, free_port())
    bus = NatsBus(server.url.replace("autopilot:", "autopilot:wrong"))
    with pytest.raises(BusAway, match=r"(?i)authorization"):
        await bus.publish([Message("1", "{}")])
