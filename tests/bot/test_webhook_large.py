"""Deliveries of a storm: large ones are taken whole, too large ones leave a trace."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.bodies import MOST_BYTES, MOST_PROVEN_BYTES
from bot.large import MOST_AT_ONCE, MOST_UNPROVEN
from tests.bot.door import BEARER, Door, by_secret, sign_grafana
from tests.bot.test_webhook_bodies import PATH, alert, delivery


@pytest.fixture
async def here(door: Door) -> Door:
    await door.add("alertmanager")
    return door


async def test_what_is_too_large_leaves_a_trace(here: Door) -> None:
    """A proven sender's storm is not lost without a word: people see whose it was."""
    body = delivery(*[alert()]) + b" " * MOST_PROVEN_BYTES
    answer = await here.post(PATH, body, BEARER)
    [kept] = await here.rows("SELECT error, payload FROM inbox WHERE state = 'failed'")

    assert (413, "at most 8388608 bytes" in kept["error"]) == (answer.status_code, True)
    assert "HighErrors" in kept["payload"]["excerpt"]


async def test_a_storm_in_one_delivery_is_taken_whole(here: Door) -> None:
    """Three thousand alerts of an Alertmanager whose group they are: 202, one task."""
    many = [
        alert(
            fingerprint=f"f{n}",
            labels={"alertname": "HighErrors", "service": "feed", "pod": "p" * 400},
        )
        for n in range(3000)
    ]
    answer = await here.post(PATH, delivery(*many), BEARER)
    [stored] = await here.rows("SELECT count(*) AS n FROM alerts")

    assert (202, 3000) == (answer.status_code, stored["n"])
    assert len(delivery(*many)) > MOST_BYTES


async def test_what_a_sender_left_out_is_said(here: Door) -> None:
    """In the answer, and beside each alert that came."""
    body = json.dumps({"alerts": [alert()], "truncatedAlerts": 12}).encode()
    answer = await here.post(PATH, body, BEARER)
    [kept] = await here.rows("SELECT annotations FROM alerts")

    assert (202, 12) == (answer.status_code, answer.json()["left_out"])
    assert "12 more of this group" in kept["annotations"]["left_out"]


async def test_a_signed_storm_is_taken_whole(door: Door) -> None:
    """A signature proves more than a token, and may bring as much."""
    await door.add("grafana", by_secret())
    many = [
        alert(fingerprint=f"f{n}", labels={"alertname": "Errors", "pod": "p" * 400})
        for n in range(2600)
    ]
    body = delivery(*many)
    headers = sign_grafana(body, door.database.clock())
    answer = await door.post("grafana/acme", body, headers)
    [stored] = await door.rows("SELECT count(*) AS n FROM alerts")

    assert len(body) > MOST_BYTES
    assert (202, 2600) == (answer.status_code, stored["n"])


async def test_what_proves_nothing_yet_has_bounds(door: Door) -> None:
    """So many bodies are read before their signature is checked, and no more."""
    await door.add("grafana", by_secret())
    sent, full = asyncio.Event(), asyncio.Event()
    waiting: list[int] = []

    async def slow() -> AsyncIterator[bytes]:
        waiting.append(1)
        if len(waiting) == MOST_UNPROVEN:
            full.set()
        yield b"{"
        await sent.wait()

    headers = sign_grafana(b"{", door.database.clock())
    transport = httpx.ASGITransport(door.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:

        async def post() -> int:
            path = "/webhooks/grafana/acme"
            answer = await client.post(path, content=slow(), headers=headers)
            return answer.status_code

        async with asyncio.TaskGroup() as group:
            held = [group.create_task(post()) for _ in range(MOST_UNPROVEN)]
            await full.wait()
            refused = await post()
            sent.set()

    assert 503 == refused
    assert {400, 401} >= {one.result() for one in held}


async def test_strangers_stop_no_proven_storm(door: Door) -> None:
    """Large bodies that prove nothing have places of their own, and not for long."""
    await door.add("alertmanager")
    sent, full = asyncio.Event(), asyncio.Event()
    waiting: list[int] = []

    async def slow() -> AsyncIterator[bytes]:
        yield b" " * (MOST_BYTES + 1)
        waiting.append(1)
        if len(waiting) == MOST_AT_ONCE:
            full.set()
        await sent.wait()

    headers = sign_grafana(b"{", door.database.clock())
    transport = httpx.ASGITransport(door.app, raise_app_exceptions=False)
    storm = delivery() + b" " * MOST_BYTES
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:

        async def post() -> int:
            path = "/webhooks/grafana/nobody"
            answer = await client.post(path, content=slow(), headers=headers)
            return answer.status_code

        async with asyncio.TaskGroup() as group:
            held = [group.create_task(post()) for _ in range(MOST_AT_ONCE)]
            await full.wait()
            taken = await door.post(PATH, storm, BEARER)
            sent.set()

    assert (202, {401}) == (taken.status_code, {one.result() for one in held})
