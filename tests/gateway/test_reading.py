"""Reads: refusals and their rows, replay, failure, evidence and what stays hidden."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from redis.asyncio import Redis

from gateway import reading, session
from gateway.gate import RefusedCall
from gateway.limits import ReadLimits
from gateway.ports import Unreadable
from gateway.subjects import Series
from gateway.tokens import RunClaims
from policy.lifecycle import TaskEvent
from policy.scope import Scope
from tests.gateway.outside import SERVICE
from tests.gateway.world import DASHBOARD, World
from wire.proposals import Finding, RunReport
from wire.tools import ToolCall

EMAIL = "ann.canary@example.org"
SECRET = "xoxb-canary-0123456789abcdef"  # noqa: S105 - a canary
PARAMS = {"dashboard_id": f"{SERVICE}-overview"}


async def call(
    world: World, claims: RunClaims, name: str = DASHBOARD, /, **asked_for: object
) -> object:
    """Call a tool; ``step`` apart, what is named are the params."""
    step = asked_for.pop("step", "s")
    asked = ToolCall.model_validate({"step": step, "params": asked_for or PARAMS})
    return await reading.call_tool(world.gate, claims, name, asked)


async def refused(
    world: World, claims: RunClaims, *names: str, **params: object
) -> str:
    """Call, and give code and rule of the refusal."""
    with pytest.raises(RefusedCall) as caught:
        await call(world, claims, *names, **params)
    return f"{caught.value.status} {caught.value.code} {caught.value.rule}"


async def logged(world: World, task_id: object) -> list[tuple[str, str]]:
    """Give state and rule of each call in the contract log."""
    rows = await world.rows(
        "SELECT state, rule FROM tool_calls WHERE task_id = :task", task=task_id
    )
    return [(row["state"], row["rule"]) for row in rows]


async def test_a_read_leaves_its_rows(world: World) -> None:
    """One completed call, one piece of evidence, one journal entry, one ledger row."""
    claims = await world.start()
    await world.look(claims)
    counts = await world.rows(
        "SELECT (SELECT count(*) FROM tool_calls WHERE state = 'completed') AS calls,"
        " (SELECT count(*) FROM evidence) AS evidence,"
        " (SELECT count(*) FROM journal) AS journal"
    )

    assert [{"calls": 1, "evidence": 1, "journal": 1}] == counts
    assert 1 == len(await world.events(claims.task_id, "task.evidence_attached"))


async def test_evidence_is_named_by_its_content(world: World) -> None:
    """The digest is the SHA-256 of the body as stored, and the body is the answer."""
    answer = await world.look(await world.start())
    [row] = await world.rows("SELECT digest, body FROM evidence")

    assert answer.digest == row["digest"] == sha256(row["body"].encode()).hexdigest()
    assert answer.result == json.loads(row["body"])


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("drop_database", {}, "404 unknown_tool tool-list"),
        ("toggle_feature_flag", {}, "404 unknown_tool tool-list"),
        (DASHBOARD, {"dashboard_id": "x; drop"}, "422 invalid_params params-schema"),
        (DASHBOARD, {**PARAMS, "more": 1}, "422 invalid_params params-schema"),
        ("trace_lookup", {"limit": 5}, "422 invalid_params params-schema"),
    ],
)
async def test_a_call_out_of_line_is_refused_and_logged(
    world: World, name: str, params: dict[str, object], expected: str
) -> None:
    """An unknown tool, a write, and bad params: a typed refusal, a row, an entry."""
    claims = await world.start()
    said = await refused(world, claims, name, **params)
    rule = expected.rsplit(" ", 1)[1]

    assert expected == said
    assert [("refused", rule)] == await logged(world, claims.task_id)
    [entry] = await world.events(claims.task_id, "task.call_refused")
    assert rule == entry["rule"]


async def test_a_tool_outside_the_runs_list_is_refused(world: World) -> None:
    """A registered tool that the token does not name is not the run's."""
    claims = replace(await world.start(), tools=("trace_lookup",))

    assert "404 unknown_tool tool-list" == await refused(world, claims)
    assert [("refused", "tool-list")] == await logged(world, claims.task_id)


async def test_a_tool_outside_the_agents_list_is_refused(world: World) -> None:
    """A token that names more than its agent version has gets no more."""
    agent = replace(world.gate.agent("reliability-triage", 1), tools=("trace_lookup",))
    gate = replace(world.gate, agents={("reliability-triage", 1): agent})
    claims = await world.start()
    said = await refused(replace(world, gate=gate), claims)

    assert said.startswith("403 denied")
    assert "tool-not-listed" in said


async def test_a_spent_budget_refuses(world: World) -> None:
    """The ninth call of a run that has eight is refused and logged."""
    claims = await world.start()
    for number in range(8):
        await world.look(claims, step=f"step {number}")
    said = await refused(world, claims, step="ninth")

    assert "429 budget_spent run-budget" == said
    states = Counter(state for state, _ in await logged(world, claims.task_id))
    assert {"completed": 8, "refused": 1} == states


async def test_a_spent_minute_refuses(world: World, redis_url: str) -> None:
    """Past the tenant's reads of a minute Valkey's window refuses, until it is over."""
    async with Redis.from_url(redis_url) as redis:
        limits = ReadLimits(redis, calls_per_minute=2)
        world.gate = replace(world.gate, read_limits=limits)
        claims = await world.start()
        for number in range(2):
            await world.look(claims, step=f"step {number}")
        said = await refused(world, claims, step="third")
        await redis.flushall()
        later = await world.look(claims, step="later")

    assert "429 rate_limited read-limit" == said
    assert later.evidence_id
    assert 1 == len(await world.events(claims.task_id, "task.call_refused"))


@pytest.mark.parametrize("how", ["fence", "state"])
async def test_a_run_that_lost_its_task_is_refused(world: World, how: str) -> None:
    """Another fence, or a task that no longer runs: 410, a row and an entry."""
    claims = await world.start()
    if how == "state":
        await world.move(claims.task_id, TaskEvent.run_crashed)
    held = replace(claims, fence=claims.fence + 1) if how == "fence" else claims

    assert "410 lease_lost fence" == await refused(world, held)
    assert [("refused", "fence")] == await logged(world, claims.task_id)
    assert 1 == len(await world.events(claims.task_id, "task.call_refused"))
    assert 0 == world.outside.metrics.calls


async def test_another_environments_gateway_refuses(world: World) -> None:
    """A prod run is refused by the gateway of dev, and the row lies with the task."""
    claims = await world.start()
    gate = replace(world.gate, environment="dev")
    said = await refused(replace(world, gate=gate), claims)

    assert "403 other_environment environment" == said
    assert [("refused", "environment")] == await logged(world, claims.task_id)


async def test_a_task_that_is_not_there_is_refused(world: World) -> None:
    """A token for a task of another tenant finds nothing and leaves no row."""
    claims = await world.start()
    stranger = replace(claims, scope=Scope("nobody", "prod"))

    assert "410 lease_lost fence" == await refused(world, stranger)
    assert [] == await logged(world, claims.task_id)


async def test_a_step_asked_again_is_answered_from_the_journal(world: World) -> None:
    """The same run, step and params: the same answer, and no second connector call."""
    claims = await world.start()
    first = await world.look(claims)
    calls = world.outside.metrics.calls
    again = await world.look(claims)

    assert first.model_copy(update={"replayed": True}) == again
    assert calls == world.outside.metrics.calls


async def test_a_step_with_other_params_is_refused(world: World) -> None:
    """A step means one request: another one under its name is 409, and logged."""
    claims = await world.start()
    await world.look(claims, step="s")
    said = await refused(world, claims, step="s", **{**PARAMS, "window_seconds": 120})

    assert "409 step_reused journal" == said
    assert ("refused", "journal") in await logged(world, claims.task_id)


@pytest.mark.parametrize(
    "error", [Unreadable("HTTP 502"), TimeoutError(), ValueError(f"of {EMAIL}")]
)
async def test_a_connectors_failure_is_logged(world: World, error: Exception) -> None:
    """A failed read is 424, its row says so, the ledger why; nothing is kept."""
    world.outside.metrics.error = error
    claims = await world.start()

    assert "424 unreadable connector" == await refused(world, claims)
    rows = await world.rows("SELECT state, error FROM tool_calls")
    assert ["failed"] == [row["state"] for row in rows]
    [entry] = await world.events(claims.task_id, "task.call_failed")
    assert entry["error"] == rows[0]["error"]
    assert EMAIL not in str(entry)
    assert [] == await world.rows("SELECT id FROM evidence")


async def test_an_answer_out_of_bounds_is_refused(world: World) -> None:
    """An instant in milliseconds is no evidence, and names its field."""
    late = Series("users", "users", ((1_700_000_000_000.0, 1.0),))
    world.outside.metrics.more = (late,)
    claims = await world.start()

    assert "424 unreadable connector" == await refused(world, claims)
    [row] = await world.rows("SELECT error FROM tool_calls")
    assert "series.0.0: Input should be less" in str(row["error"])
    assert [] == await world.rows("SELECT id FROM evidence")


async def test_a_failed_step_may_be_asked_again(world: World) -> None:
    """A failure is not journaled: the next try reads."""
    world.outside.metrics.error = Unreadable("HTTP 502")
    claims = await world.start()
    await refused(world, claims)
    world.outside.metrics.error = None
    answer = await world.look(claims, step="s")

    assert answer.replayed is False


async def test_a_read_that_outlives_its_run_keeps_nothing(world: World) -> None:
    """The task moved on during the read: 410, and no evidence is kept."""
    claims = await world.start()
    inner = world.outside.metrics.service_series

    class Slow:
        async def service_series(
            self, service: str, *, start_at: float, end_at: float
        ) -> object:
            await world.move(claims.task_id, TaskEvent.run_crashed)
            return await inner(service, start_at=start_at, end_at=end_at)

    ports = replace(world.gate.ports, metrics=Slow())  # type: ignore[arg-type]
    world.gate = replace(world.gate, ports=ports)

    assert "410 lease_lost fence" == await refused(world, claims)
    assert [("failed",)] == [
        (state,) for state, _ in await logged(world, claims.task_id)
    ]
    assert [] == await world.rows("SELECT id FROM evidence")


async def test_what_people_wrote_never_leaves_the_vault(world: World) -> None:
    """Canaries in a span reach no evidence, journal, ledger, outbox or answer."""
    world.outside.traces.message = f"user {EMAIL} sent token={SECRET}"
    world.outside.traces.value = EMAIL
    claims = await world.start()
    answer = await call(world, claims, "trace_lookup", service=SERVICE)
    report = RunReport(
        outcome="finished",
        summary=f"{EMAIL} did it with {SECRET}",
        findings=(Finding(text=f"asked {EMAIL}"),),
        unknowns=(f"who {EMAIL} is",),
    )
    await session.report_run(world.gate, claims, report)
    stored = {
        table: str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608 - names
        for table in ("evidence", "journal", "ledger", "outbox", "tool_calls", "runs")
    }

    assert "⟨email:1⟩" in stored["evidence"]
    for text in (str(answer), *stored.values()):
        assert EMAIL not in text
        assert SECRET not in text


async def test_the_vault_holds_the_value_encrypted(world: World) -> None:
    """A row for each spelling, readable with the gateway's key and not without."""
    world.outside.traces.message = f"from {EMAIL}, again {EMAIL.upper()}, {EMAIL}"
    claims = await world.start()
    await call(world, claims, "trace_lookup", service=SERVICE)
    rows = await world.rows("SELECT * FROM vault")
    sealed = {row["placeholder"]: bytes(row["ciphertext"]) for row in rows}
    cipher = Fernet(world.gate.vault_key)
    opened = {name: cipher.decrypt(value).decode() for name, value in sealed.items()}

    assert {"⟨email:1⟩": EMAIL, "⟨email:1-2⟩": EMAIL.upper()} == opened
    assert {"email"} == {row["kind"] for row in rows}
    assert EMAIL.encode() not in sealed["⟨email:1⟩"]


async def test_one_value_is_one_placeholder_within_a_task(world: World) -> None:
    """A second read names the same address alike; another task starts anew."""
    world.outside.traces.message = f"from {EMAIL}"
    claims = await world.start()
    for step in ("one", "two"):
        await call(world, claims, "trace_lookup", step=step, service=SERVICE)
    world.outside.traces.message = "from bob.canary@example.org"
    await call(world, claims, "trace_lookup", step="three", service=SERVICE)
    rows = await world.rows("SELECT placeholder FROM vault ORDER BY placeholder")

    assert ["⟨email:1⟩", "⟨email:2⟩"] == [row["placeholder"] for row in rows]


async def test_two_reads_at_once_share_their_placeholders(world: World) -> None:
    """Concurrent reads of one address keep one vault row."""
    world.outside.traces.message = f"from {EMAIL}"
    claims = await world.start()
    await asyncio.gather(
        *(
            call(world, claims, "trace_lookup", step=f"s{number}", service=SERVICE)
            for number in range(4)
        )
    )

    assert 1 == len(await world.rows("SELECT placeholder FROM vault"))


@pytest.mark.parametrize("hostile", ["a\0b", "a\ud800b"])
async def test_a_span_that_no_database_takes_is_read(
    world: World, hostile: str
) -> None:
    """NUL and half a surrogate pair in a log line stop no triage."""
    world.outside.traces.message = hostile
    answer = await call(world, await world.start(), "trace_lookup", service=SERVICE)

    assert "a\N{REPLACEMENT CHARACTER}b" in str(answer)


async def test_an_uninstalled_agent_is_refused(world: World) -> None:
    """A task of an agent version that this gateway lacks is refused with its name."""
    claims = replace(await world.start(), agent_version=9, run_id=uuid4())

    assert (await refused(world, claims)).startswith("409 unknown_agent")


async def test_a_call_outside_the_list_counts(world: World) -> None:
    """Who asks for what is not listed spends the run's budget of calls."""
    claims = await world.start()
    for number in range(world.gate.agent(claims.agent, 1).tool_calls):
        await refused(world, claims, "ban_user", step=f"s{number}")

    assert "429 budget_spent run-budget" == await refused(world, claims, step="last")
