"""Deliveries of a storm: large ones are taken whole, too large ones leave a trace."""

import json

import pytest

from bot.bodies import MOST_BYTES, MOST_PROVEN_BYTES
from tests.bot.door import BEARER, Door
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
