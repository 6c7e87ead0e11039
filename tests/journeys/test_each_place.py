"""Buttons, modals and messages that have no journey elsewhere, over the whole world."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from cli.processes import ROOT
from tests.journeys.person import Person, option, words
from tests.journeys.stack import Stack, lose_the_end, running_stack, until

_SECONDS = 60.0
_EACH = {"AGENTS_FOLDER": str(ROOT / "lab" / "agents")}
_GRANT_HOLDS = (
    "SELECT 1 FROM proposals WHERE starts_with(rule, 'grant:') AND state = %s"
)


def alert(service: str, severity: str = "warning", status: str = "firing") -> bytes:
    """Write a delivery of one alert of a service."""
    one = {
        "status": status,
        "fingerprint": f"place-{service}",
        "startsAt": "2026-01-02T03:04:05Z",
        "labels": {
            "alertname": "PodCrashLooping",
            "team": "reliability",
            "service": service,
            "severity": severity,
        },
        "annotations": {"summary": f"{service}: a pod crashes"},
    }
    return json.dumps({"alerts": [one]}).encode()


async def slow(stack: Stack, path: str, *, seconds: float, count: int = 1) -> None:
    """Have the platform answer late, so often."""
    fault = {"kind": "slow", "path_prefix": path, "seconds": seconds, "count": count}
    (await stack.post("/lab/platform-faults", fault)).raise_for_status()


async def has(stack: Stack, query: str, *params: object) -> None:
    """Wait until a query gives a row."""

    async def found() -> bool:
        return bool(stack.rows(query, *params))

    await until(found, f"{query} {params}", _SECONDS)


async def task_is(stack: Stack, state: str) -> None:
    await has(stack, "SELECT 1 FROM tasks WHERE state = %s", state)


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_shared_card_is_decided_by_command_and_in_full(tmp_path: Path) -> None:
    """
    Approved after ``/ops approve``, rejected after ``/ops reject``, and in full.

    Each that is chosen is decided alone; what is left out waits on.
    """
    async with running_stack(tmp_path, settings=_EACH) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await has(stack, "SELECT 1 FROM messages WHERE slot LIKE 'fold:%'")
        [(task,)] = stack.rows("SELECT right(id::text, 8) FROM tasks")
        await me.types(f"approve {task}")
        await me.sees("Decide on what you see", "3 alike")
        first, second, _ = await me.choices("fold:targets")
        await me.press("fold:approve")
        await me.sees("Choose at least one target")
        await me.press("fold:targets", selected=[{"value": first}])
        await me.press("fold:approve")
        await has(stack, "SELECT 1 FROM approvals WHERE verdict = 'approve'")
        await me.sees("2 alike")

        await me.types(f"reject {task}")
        await me.sees("Decide on what you see", "2 alike")
        await me.press("fold:each")
        assert "2 alike" in str(await me.view("decide:submit"))
        await me.closes()
        await me.press("fold:targets", selected=[{"value": second}])
        await me.press("fold:reject")
        await me.submit(
            "reject:submit", reason=option("wrong_target"), comment=words("not this")
        )
        await me.sees("Rejected by", "not this")

        await me.press("fold:each")
        await me.submit(
            "decide:submit",
            verdict=option("reject"),
            reason=option("too_risky"),
            comment=words("not now"),
        )
        await me.sees("Rejected by", "not now")
        votes = stack.rows(
            "SELECT verdict, reason_code FROM approvals ORDER BY created_at"
        )
        cases = stack.rows("SELECT comment FROM eval_cases ORDER BY created_at")
        left = stack.rows("SELECT tool FROM proposals WHERE state = 'drafted'")

    assert [
        ("approve", ""),
        ("reject", "wrong_target"),
        ("reject", "too_risky"),
    ] == votes
    assert [("not this",), ("not now",)] == cases
    assert [("add_ticket_comment",)] == left


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_run_is_stopped_handed_back_and_closed(tmp_path: Path) -> None:
    """Stopped while a tool is under way; handed back it looks again; then closed."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await slow(stack, "/platform", seconds=6.0, count=200)
        await stack.lab.break_platform("bad_flag")
        await has(stack, "SELECT 1 FROM tool_calls WHERE state = 'started'")
        await me.press("task:take", "Stop")
        await task_is(stack, "escalated_to_human")
        await until(lambda: _is_let_go(stack), "its worker lets it go", _SECONDS)
        await has(stack, "SELECT 1 FROM tool_calls WHERE state = 'failed'")
        await me.sees("Operator took over")
        calls = stack.rows("SELECT count(*) FROM tool_calls")

        await stack.post("/lab/heal", {})
        await stack.lab.break_platform("bad_flag")
        await me.press("task:hand_back")
        await task_is(stack, "needs_approval")
        await me.press("task:take", "Take over")
        await task_is(stack, "escalated_to_human")
        await me.press("task:close")
        await me.submit("close:submit", comment=words("healed by hand"))
        await task_is(stack, "completed")
        await me.sees("closed by Operator", "healed by hand")
        runs = stack.rows("SELECT plan FROM runs ORDER BY plan")
        executed = stack.rows("SELECT count(*) FROM executions")

    assert ([(1,)], [(1,), (2,)], [(0,)]) == (calls, runs, executed)


async def _is_let_go(stack: Stack) -> bool:
    return "worker.lease_lost" in (stack.world.logs / "worker.log").read_text()


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_what_was_done_is_undone_by_its_button(tmp_path: Path) -> None:
    """As a proposal of its own; Home tells what that means for the agent version."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await me.sees("Looked at")
        await me.sees("Evidence: E1")
        await me.press("proposal:why")
        await me.sees("prod-asks")
        await me.press("proposal:approve")
        await task_is(stack, "completed")
        await me.sees("Before and after")
        await me.press("proposal:undo")
        await has(stack, "SELECT 1 FROM proposals WHERE undoes IS NOT NULL")
        await me.sees("(undo)", "proposal:approve")
        await me.press("proposal:evidence")
        cited = str(await me.view("evidence"))
        await me.closes()
        await me.press("proposal:approve")
        await has(stack, "SELECT 1 FROM proposals WHERE state = 'undone'")
        await me.shows_at_home("actions failed or were undone")
        writes = await stack.lab.writes()

    assert 2 == len(writes)
    assert "*E1 " in cited


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_what_nobody_can_tell_a_person_says(tmp_path: Path) -> None:
    """That it took no effect: the card, its task and the ledger have it."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await me.press("proposal:approve")
        await task_is(stack, "completed")
        lose_the_end(stack)
        await stack.lab.break_platform("bad_flag")
        await me.press("proposal:no_effect")
        await has(stack, "SELECT 1 FROM proposals WHERE state = 'failed'")
        await me.sees("says that it did not take effect")
        said = stack.rows("SELECT actor FROM ledger WHERE event = 'task.attested'")

    assert [("operator",)] == said


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_card_is_asked_anew_once_its_grant_is_gone(tmp_path: Path) -> None:
    """Allowed by a grant that ends before it begins: a new card says why, and asks."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await me.press("proposal:grant")
        await task_is(stack, "completed")
        await stack.post("/lab/heal", {})
        await has(stack, "SELECT 1 FROM alerts WHERE status = 'resolved'")

        await slow(stack, "/platform/flags", seconds=4.0, count=50)
        await stack.lab.break_platform("bad_flag")
        await has(stack, _GRANT_HOLDS, "approved")
        await me.press("grant:withdraw")
        await me.sees("holds no more")
        asked = stack.rows("SELECT state FROM proposals WHERE asked_at IS NOT NULL")
        await me.press("proposal:approve")
        await has(
            stack,
            "SELECT 1 FROM proposals WHERE asked_at IS NOT NULL"
            " AND state IN ('executing', 'verifying', 'succeeded')",
        )

    assert [("needs_approval",)] == asked


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_what_grows_worse_is_told_in_a_message_that_pings(tmp_path: Path) -> None:
    """The open task's thread has it once, however often it is sent."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.post_webhook(alert("feed"))
        await me.sees("feed: a pod crashes")
        for _ in range(2):
            await stack.post_webhook(alert("feed", "critical"))
        await me.sees("Critical by now")
        told = [one for one in await me.messages() if "Critical by now" in str(one)]

    assert 1 == len(told)
    assert told[0]["thread_ts"] != told[0]["ts"]


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_home_tells_of_a_storm_and_turns_its_pages(tmp_path: Path) -> None:
    """The channel's digest, and Home's state, filter and pages; then it is frozen."""
    routes = {"ROUTES_FILE": str(_routes(tmp_path))}
    async with running_stack(tmp_path, settings=routes) as stack:
        me = Person(stack)
        for number in range(12):
            await me.types(f"open service-{number}: looks odd")
        await me.shows_at_home("home:older", "service-9")
        first = str(await me.home())
        await me.press_in_home("home:older", value="10")
        second = str(await me.home())
        await me.press_in_home("home:newer", value="0")
        back = str(await me.home())
        await me.press_in_home("home:filter", selected_option="safety")
        filtered = str(await me.home())

        for number in range(6):
            await stack.post_webhook(alert(f"storm-{number}"))
        await me.shows_at_home("storm in <#")
        await me.sees("Storm mode", "since")
        await me.types("freeze 5m rehearsal")
        await me.shows_at_home("is frozen")

    assert ("service-11" in first, "service-11" in second) == (False, True)
    assert ("home:newer" in first, "home:newer" in second) == (False, True)
    assert "home:newer" not in back
    assert "looks odd" not in filtered


def _routes(folder: Path) -> Path:
    """Give the shipped routes with a storm that comes soon and stays."""
    text: dict[str, object] = yaml.safe_load((ROOT / "routes.yaml").read_text())
    storm: Mapping[str, int] = {"threads_per_minute": 2, "calm_seconds": 600}
    routes = folder / "routes.yaml"
    routes.write_text(yaml.safe_dump(text | {"storm": dict(storm)}))
    return routes
