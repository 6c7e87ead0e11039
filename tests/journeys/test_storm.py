"""A storm: thousands of alerts of three groups beside an incident that is decided."""

import asyncio
import itertools
import json
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import yaml

from cli.local_world import CHANNEL
from cli.processes import ROOT
from tests.journeys.stack import (
    APPROVE,
    Stack,
    click_until_heard,
    find_button,
    roots,
    running_stack,
    until,
)

_ALERTS = 10_000
_IN_DELIVERY = 20
_SENDERS = 16
_GROUPS = ("feed", "search", "media")
_STRANGERS = 30
_CALM_SECONDS = 6
_THREADS = 10
_SECONDS = 150


@dataclass
class Flood:
    """What was sent, and what was answered."""

    answered: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


@pytest.mark.services
@pytest.mark.timeout(600)
async def test_a_storm_is_three_threads_and_a_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None lost, none doubled; an approval in its midst is executed and verified."""
    routes = _routes(tmp_path)
    async with running_stack(tmp_path, settings={"ROUTES_FILE": str(routes)}) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _has_card(stack), "a card of the incident", _SECONDS)
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            flooding = group.create_task(_flood(stack))
            asking = group.create_task(_ask_meanwhile(stack, flooding))
            await until(lambda: _storms(stack), "the channel is in a storm", _SECONDS)
            clicked = time.monotonic()
            await click_until_heard(stack, APPROVE)
            await until(lambda: _verified(stack), "the action is verified", _SECONDS)
            decided = time.monotonic() - clicked
        flood, acks = flooding.result(), asking.result()
        took = time.monotonic() - begun
        await _send_strangers(stack)
        await until(lambda: _shown(stack, 1 + _THREADS), "threads stand", _SECONDS)
        held_back = _count(stack, "tasks WHERE waits_for LIKE 'storm:%'")
        await until(lambda: _is_over(stack), "the storm is over", _SECONDS)
        in_slack = await roots(stack)
        digests = [one for one in in_slack if "torm" in str(one["text"])]
        threads = Counter(
            service
            for one in in_slack
            for service in _GROUPS
            if f"{service}: a pod" in str(one["text"])
        )
        _report(capsys, flood, stack, threads, took=took, decided=decided)
        _report_acks(capsys, acks)

        assert _ALERTS == _count(stack, "alerts WHERE fingerprint LIKE 'storm-%'")
        assert 0 == _count(stack, f"alerts a WHERE NOT EXISTS ({_LINKED})")
        assert _ALERTS == flood.answered["opened"] + flood.answered["added"]
        assert flood.answered["repeated"] == _ALERTS // 10
        for service in _GROUPS:
            assert 1 == _count(stack, f"tasks WHERE service = '{service}'")
            assert 1 == threads[service]
        assert 1 == len(digests)
        assert "Storm mode over" in str(digests[0]["text"])
        # Three groups and the incident have their threads; of the strangers some do.
        assert 1 + len(_GROUPS) + _STRANGERS - held_back <= 1 + _THREADS
        assert held_back >= _STRANGERS - _THREADS
        assert 1 == _count(stack, "executions WHERE outcome = 'applied'")


_LINKED = (
    "SELECT FROM task_alerts l WHERE l.tenant_id = a.tenant_id"
    " AND l.environment = a.environment AND l.alert_id = a.id"
)


def _routes(folder: Path) -> Path:
    """Give the shipped routes with a storm that is soon over."""
    text = yaml.safe_load((ROOT / "routes.yaml").read_text())
    text["storm"] = {"calm_seconds": _CALM_SECONDS, "threads_per_minute": _THREADS}
    routes = folder / "routes.yaml"
    routes.write_text(yaml.safe_dump(text))
    return routes


async def _flood(stack: Stack) -> Flood:
    """Send all alerts, every tenth delivery twice at once, as quickly as they go."""
    flood = Flood()
    numbers = iter(range(0, _ALERTS, _IN_DELIVERY))
    deliveries = itertools.count()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:

        async def sender() -> None:
            for first in numbers:
                body = _delivery(range(first, first + _IN_DELIVERY))
                twice = 2 if next(deliveries) % 10 == 0 else 1
                await asyncio.gather(
                    *(_send(stack, http, body, flood) for _ in range(twice))
                )

        async with asyncio.TaskGroup() as group:
            for _ in range(_SENDERS):
                group.create_task(sender())
    return flood


def _delivery(numbers: range) -> bytes:
    return json.dumps(
        {
            "alerts": [
                _alert(f"storm-{number}", _GROUPS[number % len(_GROUPS)])
                for number in numbers
            ]
        }
    ).encode()


def _alert(name: str, service: str) -> Mapping[str, object]:
    return {
        "status": "firing",
        "fingerprint": name,
        "startsAt": "2026-01-02T03:04:05Z",
        "labels": {
            "alertname": "PodCrashLooping",
            "team": "reliability",
            "service": service,
            "severity": "warning",
            "pod": name,
        },
        "annotations": {"summary": f"{service}: a pod of many crashes"},
    }


async def _send(
    stack: Stack, http: httpx.AsyncClient, body: bytes, flood: Flood
) -> None:
    """Send a delivery as Alertmanager does: again, until it is taken."""
    token = stack.world.environment["LAB_WEBHOOK_TOKEN"]
    while True:
        begun = time.monotonic()
        answer = await http.post(
            f"{stack.world.web_url}/webhooks/alertmanager/lab",
            content=body,
            headers={"Authorization": f"Bearer {token}"},
        )
        flood.seconds.append(time.monotonic() - begun)
        flood.statuses[answer.status_code] += 1
        if answer.status_code == httpx.codes.ACCEPTED:
            said = answer.json()
            for word in ("opened", "added", "repeated"):
                flood.answered[word] += said[word]
            return
        await asyncio.sleep(float(answer.headers["retry-after"]) / 5)


async def _ask_meanwhile(
    stack: Stack, flooding: asyncio.Task[Flood]
) -> Sequence[float]:
    """Type commands one after the other while alerts come; how long Slack waited."""
    while not flooding.done():
        await stack.lab.command(CHANNEL, "tasks")
    log = (await stack.get("/lab/deliveries"))["deliveries"]
    return [
        outcome["seconds"]
        for delivery in log
        if delivery["kind"] == "command"
        for outcome in delivery["outcomes"]
        if outcome["ok"]
    ]


async def _send_strangers(stack: Stack) -> None:
    """Send an alert of each of many services that nobody has heard of."""
    alerts = [_alert(f"new-{n}", f"stranger-{n}") for n in range(_STRANGERS)]
    answer = await stack.post_webhook(json.dumps({"alerts": alerts}).encode())
    answer.raise_for_status()


def _count(stack: Stack, what: str) -> int:
    [[number]] = stack.rows(f"SELECT count(*) FROM {what}")  # noqa: S608 - of this file
    assert isinstance(number, int)
    return number


async def _has_card(stack: Stack) -> bool:
    return await find_button(stack, APPROVE) is not None


async def _storms(stack: Stack) -> bool:
    return _count(stack, "storms WHERE ended_at IS NULL") == 1


async def _verified(stack: Stack) -> bool:
    return _count(stack, "ledger WHERE event = 'task.verified'") == 1


async def _shown(stack: Stack, least: int) -> bool:
    return len(await roots(stack)) >= least


async def _is_over(stack: Stack) -> bool:
    found = await roots(stack)
    return any("Storm mode over" in str(one["text"]) for one in found)


# An alert is shown by the first root message that was written after it and sent.
_SHOWN = """
    SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY waited), count(*)
    FROM (SELECT extract(epoch FROM min(o.sent_at) - a.last_seen_at) AS waited
      FROM alerts a JOIN task_alerts l ON l.alert_id = a.id
      JOIN outbox o ON o.task_id = l.task_id AND o.slot = 'root' AND o.state = 'sent'
        AND o.created_at >= a.last_seen_at
      WHERE a.fingerprint LIKE 'storm-%' GROUP BY a.id, a.last_seen_at) AS shown
"""


def _report(
    capsys: pytest.CaptureFixture[str],
    flood: Flood,
    stack: Stack,
    threads: Counter[str],
    *,
    took: float,
    decided: float,
) -> None:
    """Print what the journey measured."""
    [(waited, shown)] = stack.rows(_SHOWN)
    assert isinstance(waited, list)
    stored = _count(stack, "alerts WHERE fingerprint LIKE 'storm-%'")
    taken = flood.answered["opened"] + flood.answered["added"]
    edits = _count(stack, "outbox WHERE slot = 'root' AND state = 'sent'")
    centiles = statistics.quantiles(flood.seconds, n=100)
    with capsys.disabled():
        print(
            f"\nstorm: {sum(flood.answered.values()):,} alerts sent in {took:.1f} s; "
            f"accepted {taken:,}, repeated {flood.answered['repeated']:,}, folded into "
            f"open tasks {flood.answered['added']:,}, threads "
            f"{threads.total()}, lost {_ALERTS - stored}; answers "
            f"{dict(flood.statuses)}; ack p50 {centiles[49] * 1000:.0f} ms, p99 "
            f"{centiles[98] * 1000:.0f} ms; alert to thread p50 {waited[0]:.2f} s, "
            f"p99 {waited[1]:.2f} s of {shown:,}; {edits} root messages sent; click "
            f"to verified {decided:.1f} s in its midst"
        )


def _report_acks(capsys: pytest.CaptureFixture[str], acks: Sequence[float]) -> None:
    centiles = statistics.quantiles(acks, n=100)
    with capsys.disabled():
        print(
            f"storm: {len(acks):,} commands typed in Slack meanwhile, ack p50 "
            f"{centiles[49] * 1000:.0f} ms, p99 {centiles[98] * 1000:.0f} ms, of "
            "Slack's 3,000"
        )
