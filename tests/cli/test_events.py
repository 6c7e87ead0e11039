"""``autopilot events``: what arrives, and what a reader missed."""

import argparse
import asyncio
import json

import pytest
from redis.asyncio import Redis

from cli.event_arguments import add_events
from cli.events import NoBus, is_wanted, run_replay, run_tail
from orchestrator import relay
from orchestrator.bus import STREAM
from orchestrator.redis_bus import RedisBus
from tests.cli.world import Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import PROD, STAGING, Sealing, make_sealing

Events = list[dict[str, object]]


@pytest.fixture(autouse=True)
def reader(environment: Environment, urls: Urls, redis_url: str) -> None:
    environment.set(DATABASE_URL_SEALER=urls["sealer"], REDIS_URL=redis_url)


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Four sealed entries of two environments, a second after each other."""
    made = await make_sealing(database, scopes)
    for scope in (PROD, STAGING, PROD, PROD):
        database.clock.move(seconds=1)
        await made.append(await made.task(scope), scope)
    await made.seal()
    return made


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_events(parser.add_subparsers())
    return parser.parse_args(["events", *words])


async def replay(capfd: pytest.CaptureFixture[str], *words: str) -> Events:
    assert 0 == await run_replay(asked("replay", "--tenant", "acme", *words))
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def sequences(events: Events) -> list[object]:
    return [one["sequence"] for one in events]


@pytest.mark.usefixtures("sealing")
async def test_a_tenant_s_events_are_repeated_in_their_order(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Of all environments, or of one; from a sequence on."""
    every = await replay(capfd)
    staging = await replay(capfd, "--environment", "staging")
    later = await replay(capfd, "--from", "3")

    assert ["1", "2", "3", "4"] == sequences(every)
    assert (["2"], ["3", "4"]) == (sequences(staging), sequences(later))


@pytest.mark.usefixtures("sealing")
async def test_a_time_says_from_where_on(
    database: Databases, capfd: pytest.CaptureFixture[str]
) -> None:
    """What was made then or later; nothing, where nothing was."""
    now = database.clock().isoformat()
    since = await replay(capfd, "--from", now)
    database.clock.move(seconds=1)
    nothing = await replay(capfd, "--from", database.clock().isoformat())

    assert (["4"], []) == (sequences(since), nothing)


@pytest.mark.usefixtures("sealing")
async def test_one_task_or_type_may_be_asked_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    first, *_ = await replay(capfd)
    of_task = await replay(capfd, "--task", str(first["subject"]))
    of_type = await replay(capfd, "--type", "ops.agent_task.moved")
    of_none = await replay(capfd, "--type", "ops.agent_task.approved")

    assert (["1"], 4, []) == (sequences(of_task), len(of_type), of_none)


async def test_what_is_published_again_has_its_ids(
    sealing: Sealing, redis_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """So that a reader drops what it has seen."""
    async with Redis.from_url(redis_url) as redis:
        await relay.relay_all(sealing.sealer, RedisBus(redis))
        words = ("replay", "--tenant", "acme", "--from", "4", "--publish")
        await run_replay(asked(*words))
        kept = await redis.xrange(STREAM)
    ids = [json.loads(fields[b"event"])["id"] for _, fields in kept]

    assert "1 events published once more\n" == capfd.readouterr().out
    assert (5, 4) == (len(ids), len(set(ids)))


async def test_the_tail_prints_what_is_asked_for(
    sealing: Sealing, redis_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """From the bus's beginning on, until it is stopped."""
    async with Redis.from_url(redis_url) as redis:
        await relay.relay_all(sealing.sealer, RedisBus(redis))
    chosen = asked("tail", "--beginning", "--environment", "staging")
    out = ""
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        tailing = group.create_task(run_tail(chosen))
        while not out:
            await asyncio.sleep(0.02)
            out += capfd.readouterr().out
        tailing.cancel()

    assert "2" == json.loads(out)["sequence"]


@pytest.mark.parametrize("name", ["tenant", "environment", "task", "type"])
def test_an_event_is_wanted_by_all_that_is_asked(name: str) -> None:
    """One that says otherwise is none of them."""
    event = {"tenant": "acme", "environment": "prod", "subject": "t", "type": "x"}
    asked_for = {**event, "task": event["subject"]}
    every = argparse.Namespace(**asked_for)
    other = argparse.Namespace(**asked_for | {name: "another"})

    assert is_wanted(json.dumps(event), every)
    assert not is_wanted(json.dumps(event), other)


async def test_without_a_bus_it_is_said_what_to_set(environment: Environment) -> None:
    environment.unset("REDIS_URL")
    with pytest.raises(NoBus, match="EVENTS_URL"):
        await run_tail(asked("tail"))
