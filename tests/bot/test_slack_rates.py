"""Two couriers at Slack's published limits: each thread whole, and no call in vain."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from time import time

import pytest
from redis.asyncio import Redis

from bot.courier import Courier
from bot.send_budget import SendBudget
from policy.scope import Scope
from storage.outbox import Lane
from tests.bot.office import Office
from tests.conftest import Databases
from tests.lab.world import World

pytestmark = pytest.mark.services

_TASKS = 7
_MOST_SECONDS = 120


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def _work(courier: Courier, office: Office) -> None:
    """Deliver until nothing is left."""
    while True:
        if not await courier.deliver_next():
            left = await office.rows(
                "SELECT count(*) AS n FROM outbox WHERE state <> 'sent'"
            )
            if not left[0]["n"]:
                return
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("rate", [1.0, 1000.0])
async def test_a_storm_at_slack_s_limits(
    database: Databases, scope: Scope, lab: World, redis: Redis, rate: float
) -> None:
    """Nothing doubled, nothing lost; within the budget nothing is refused either."""
    office = Office(database, scope, lab)
    await lab.post("/lab/slack/rates", {"on": True})
    for _ in range(_TASKS):
        task = await office.task()
        await office.post(task, "trace", lane=Lane.chatter)
        await office.card(task)
    couriers = [
        replace(
            office.courier(f"courier {n}"),
            budget=SendBudget(redis, workspace="lab", clock=time, rate=rate),
        )
        for n in range(2)
    ]
    begun = time()
    async with asyncio.timeout(_MOST_SECONDS), asyncio.TaskGroup() as group:
        for one in couriers:
            group.create_task(_work(one, office))
    refused = (await lab.http.get("/lab/slack/stats")).json()["refused_by_rate"]
    messages = await office.messages()
    threads = Counter(str(one.get("thread_ts") or one["ts"]) for one in messages)
    print(
        f"\nslack's limits, written to at {rate:g} times its rate: {len(messages)} "
        f"posts in {time() - begun:.0f} s, refused {sum(refused.values())}, doubled "
        f"{len(messages) - 3 * _TASKS}, lost {_TASKS - len(threads)}"
    )

    assert {3} == set(threads.values())
    assert _TASKS == len(threads)
    assert (rate > 1) == bool(refused)
