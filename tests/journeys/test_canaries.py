"""Canaries through the whole world: alerts and words of people, seeded everywhere."""

import json
from datetime import UTC, datetime
from pathlib import Path
from time import time

import httpx
import pytest
from redis.asyncio import Redis

from cli.local_world import CHANNEL
from tests.gateway.canaries import Canary, tables_with
from tests.journeys.modelled import play_script, settings_with_model
from tests.journeys.stack import (
    APPROVE,
    SERVICE,
    Stack,
    click_until_heard,
    running_stack,
    until,
)

_SECONDS = 60.0
PEOPLE = ("U0OPERATOR", "U0SECOND", "U0GUEST")
# How each type of key of a Valkey is read whole.
_READ = {
    "string": ("GET",),
    "zset": ("ZRANGE", 0, -1),
    "list": ("LRANGE", 0, -1),
    "set": ("SMEMBERS",),
    "hash": ("HGETALL",),
    "stream": ("XRANGE", "-", "+"),
}
ALERT, BROKEN, NONSENSE, PERSON, MODEL, FREEZER = (
    Canary(number) for number in range(1, 7)
)


def delivery() -> bytes:
    """Give one good alert and one broken one, canaries in each of their fields."""
    good = {
        "status": "firing",
        "fingerprint": "canaries",
        "startsAt": datetime.fromtimestamp(time(), UTC).isoformat(),
        "generatorURL": f"http://prometheus/graph?g0.expr={ALERT.mail}",
        "labels": {
            "alertname": f"HighErrorRate {ALERT.mail}",
            "service": SERVICE,
            "severity": "critical",
            "team": "reliability",
            "email": ALERT.mail,
            "customer_phone": ALERT.phone,
            "customer_name": ALERT.name,
            "note": ALERT.text,
            "password": ALERT.secret,
        },
        "annotations": {
            "summary": ALERT.text,
            "description": json.dumps({"contact": {"email": ALERT.mail}}),
        },
    }
    broken = {"status": BROKEN.text, "labels": {"alertname": BROKEN.text}}
    return json.dumps({"version": "4", "alerts": [good, broken]}).encode()


async def command(stack: Stack, text: str) -> None:
    said = {"user": "U0OPERATOR", "channel": CHANNEL, "command": "/ops", "text": text}
    await stack.post("/lab/act/command", said)


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_no_person_is_found_but_in_the_vault(tmp_path: Path) -> None:
    """No table, no log, no message of Slack's: after a whole task with its approval."""
    async with running_stack(tmp_path) as stack:
        await stack.lab.break_platform("bad_flag")
        answer = await stack.post_webhook(delivery())
        await stack.post_webhook(f'{{"alerts": "{NONSENSE.text}'.encode())
        await command(stack, f"open feed: slow for {PERSON.text}")
        await command(stack, f"freeze service:search 30m {FREEZER.text}")
        await click_until_heard(stack, APPROVE)
        await until(lambda: _is_done(stack), "one task is done", _SECONDS)
        traces = traces_of(ALERT, BROKEN, NONSENSE, PERSON, FREEZER)
        leaks = await leaks_in(stack, traces)
        shown = json.dumps(await stack.lab.messages(CHANNEL), ensure_ascii=False)
        frozen = stack.rows("SELECT scopes::text FROM freezes")

    assert any("please call" in str(scopes) for (scopes,) in frozen)
    assert httpx.codes.UNPROCESSABLE_ENTITY == answer.status_code
    assert {} == leaks
    assert "[an email address]" in shown


def traces_of(*canaries: Canary) -> tuple[str, ...]:
    return tuple(trace for one in canaries for trace in one.traces())


async def leaks_in(stack: Stack, traces: tuple[str, ...]) -> dict[str, object]:
    """Give each place that holds a trace: table, log, Slack, questions to a model."""
    tables = tables_with(stack.running.postgres.admin_url("autopilot"), traces)
    logs = {
        one.name: one.read_text(errors="replace")
        for one in stack.world.logs.iterdir()
        if one.name != "lab.log"
    }
    slack = {
        f"slack of {one}": await _told(stack, f"/lab/workspace?user={one}")
        for one in PEOPLE
    }
    texts = {
        **logs,
        **slack,
        "model": await _told(stack, "/lab/model"),
        "valkey": await _kept_in(stack.running.valkey.url),
    }
    said = {
        place: found
        for place, text in texts.items()
        if (found := [trace for trace in traces if trace in text])
    }
    return {**tables, **said}


async def _told(stack: Stack, path: str) -> str:
    return json.dumps(await stack.get(path), ensure_ascii=False)


async def _kept_in(url: str) -> str:
    """Give every key of a Valkey with what it holds."""
    async with Redis.from_url(url) as valkey:
        found = []
        async for key in valkey.scan_iter():
            kind = (await valkey.type(key)).decode()
            command, *bounds = _READ[kind]
            found.append((key, await valkey.execute_command(command, key, *bounds)))
    return repr(found)


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_no_person_reaches_a_model_or_comes_from_one(tmp_path: Path) -> None:
    """Its questions are redacted, and what it says of people is hidden as any text."""
    async with running_stack(tmp_path, settings=settings_with_model(tmp_path)) as stack:
        await play_script(stack, {"content": f"I would ask {MODEL.text}"})
        await stack.lab.break_platform("bad_flag")
        await stack.post_webhook(delivery())
        await click_until_heard(stack, APPROVE)
        await until(lambda: _is_done(stack), "one task is done", _SECONDS)
        questions = await stack.get("/lab/model")
        leaks = await leaks_in(stack, traces_of(ALERT, BROKEN, MODEL))

    told = json.dumps(questions["bodies"], ensure_ascii=False)
    assert {} == leaks
    assert len(questions["asked"]) > 1
    assert "I would ask" in told
    assert "⟨email:" in told


async def _is_done(stack: Stack) -> bool:
    return bool(stack.rows("SELECT 1 FROM proposals WHERE state = 'succeeded'"))
