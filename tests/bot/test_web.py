"""The web process: whose request it is, and whether it is well."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import time
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from bot.web import Rules, create_app
from lab.slack.signature import signed_headers
from storage.database import connect
from tests.bot.conftest import settings
from tests.bot.workspace import slack_at
from tests.bot.world import TEAM, Bot, click, value_of
from tests.lab.world import SIGNING_SECRET

BODY = urlencode({"command": "/ops", "text": "help", "team_id": TEAM}).encode()


async def post(
    bot: Bot,
    body: bytes | AsyncIterator[bytes],
    headers: Mapping[str, str] | Mapping[str, bytes],
) -> int:
    async with bot.http() as client:
        named = [(name.encode(), _raw(value)) for name, value in headers.items()]
        answer = await client.post("/slack/events", content=body, headers=named)
    return answer.status_code


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


@pytest.mark.parametrize(
    "headers",
    [
        signed_headers("another secret", BODY, now=time()),
        signed_headers(SIGNING_SECRET, BODY + b"&more=1", now=time()),
        signed_headers(SIGNING_SECRET, BODY, now=time() - 600),
        signed_headers(SIGNING_SECRET, BODY, now=time() + 6000),
        {},
        {"x-slack-request-timestamp": str(int(time()))},
    ],
    ids=["forged", "altered", "stale", "ahead", "unsigned", "half signed"],
)
async def test_a_request_that_slack_did_not_sign_is_401(
    bot: Bot, headers: dict[str, str]
) -> None:
    """Another secret, another body, another time: nothing is stored."""
    assert 401 == await post(bot, BODY, headers)
    assert [] == await bot.rows("SELECT id FROM inbox")


@pytest.mark.parametrize("stamp", ["soon", "", "-1", "1e9", "\u00b2", "9" * 400])
async def test_a_timestamp_that_is_no_number_is_401(bot: Bot, stamp: str) -> None:
    """And no 500."""
    headers = signed_headers(SIGNING_SECRET, BODY, now=time())
    headers["x-slack-request-timestamp"] = stamp
    odd = {name: value.encode("latin-1") for name, value in headers.items()}

    assert 401 == await post(bot, BODY, odd)


async def test_a_request_too_large_is_413(bot: Bot) -> None:
    """Before its signature is looked at; one of unknown length is 411."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    stamped = {"x-slack-request-timestamp": str(int(time()))}

    assert 413 == await post(bot, b"x" * (513 * 1024), stamped)
    assert 411 == await post(bot, endless(), stamped)


async def test_what_nobody_listens_to_is_acknowledged(bot: Bot) -> None:
    """Slack asks again whatever it gets no 200 for."""
    answer = await bot.interact({"type": "block_actions", "team": {"id": TEAM}})

    assert 200 == answer.status_code


async def test_a_click_is_stored_though_slack_is_away(bot: Bot, rules: Rules) -> None:
    """The first click after a start, and Slack's API gives no answer."""
    away = slack_at("http://127.0.0.1:9/api/")
    cut_off = replace(bot, app=create_app(settings(), bot.database("web"), rules, away))
    await bot.connect(TEAM)
    proposal = await bot.proposal()
    answer = await cut_off.interact(click(value_of(proposal)))

    assert 200 == answer.status_code
    assert 1 == len(await bot.rows("SELECT id FROM inbox"))


async def test_a_click_that_comes_to_nothing_gets_no_200(
    bot: Bot, rules: Rules, tmp_path: Path
) -> None:
    """Neither stored nor answered: then Slack marks the button."""
    gone = connect(f"postgresql://web@/x?host={tmp_path}", bot.database.clock)
    away = slack_at("http://127.0.0.1:9/api/")
    cut_off = replace(bot, app=create_app(settings(), gone, rules, away))
    answer = await cut_off.interact(click(value_of(uuid4())))
    await gone.close()

    assert 503 == answer.status_code


async def test_the_process_says_that_it_is_up(bot: Bot) -> None:
    """Up without a database, ready with one."""
    async with bot.http() as client:
        up = await client.get("/healthz")
        ready = await client.get("/readyz")

    assert (200, {"status": "up"}) == (up.status_code, up.json())
    body = {
        "status": "ready",
        "database": True,
        "slack": "http",
        "routes": "current",
    }
    assert (200, body) == (
        ready.status_code,
        ready.json(),
    )


async def test_without_its_database_it_is_not_ready(
    bot: Bot, rules: Rules, tmp_path: Path
) -> None:
    """503, and an alert is told to come again."""
    gone = connect(f"postgresql://web@/x?host={tmp_path}", bot.database.clock)
    client = slack_at("https://slack.com/api/")
    alone = replace(bot, app=create_app(settings(), gone, rules, client))
    async with alone.http() as http:
        ready = await http.get("/readyz")
    refused = await alone.alert({"alerts": []})
    await gone.close()

    assert (503, False) == (ready.status_code, ready.json()["database"])
    assert (503, "5") == (refused.status_code, refused.headers["retry-after"])
