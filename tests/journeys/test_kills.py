"""
Kill -9 at every fault point of the job.

Two running worlds, side by side, play the job once for each point between them, with
that point armed: whichever process reaches it first is killed there and started again
by its supervisor. Each time the job must end with exactly one execution, or with a
person asked, and one thread a task; and a point that no play visits fails the test.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from cli.audit import verify_all
from cli.clock import utc_now
from cli.ledgers import read_ledgers
from cli.local_world import CHANNEL
from cli.processes import ROOT
from orchestrator.settings import TrustSettings
from storage.database import connect
from storage.steps import Effect, Step
from tests.journeys.rollout_form import edit_rollout
from tests.journeys.stack import (
    APPROVE,
    NotYet,
    Stack,
    click_until_heard,
    find_button,
    roots,
    running_stack,
    until,
)

# Those that a run without a model does not pass: tests/journeys/test_model_kills.py.
OF_A_MODEL = (Step.begin_model_call, Step.finish_model_call, Effect.model_call)
# Every edge of every other step and effect.
POINTS = [
    f"{edge}:{name}"
    for name in (*Step, *Effect)
    if name not in OF_A_MODEL
    for edge in ("before", "after")
]
_SECONDS = 75.0
_WITH_REVERSION = 2


@dataclass(frozen=True)
class Play:
    """What one play left behind."""

    state: str
    applied: int
    writes: int
    threads: int
    tasks: int
    healed: bool
    reverted: bool

    @property
    def problem(self) -> str | None:
        if self.threads != self.tasks:
            return f"{self.threads} threads for {self.tasks} tasks"
        if self.writes != self.applied:
            return f"{self.writes} writes, {self.applied} applied executions"
        least = 1 if self.state == "completed" and not self.healed else 0
        if self.reverted:
            return (
                None if self.applied == _WITH_REVERSION else f"{self.applied} effects"
            )
        if not least <= self.applied <= 1:
            return f"{self.state} with {self.applied} executions"
        return None


async def approve(stack: Stack) -> None:
    """The main job: an alert, a card, a click."""
    await stack.lab.break_platform("bad_flag")
    await until(lambda: _has_card(stack), "a card", _SECONDS)
    await click_until_heard(stack, APPROVE)
    await until(lambda: _is_settled(stack), "the task settles", _SECONDS)


async def edit_and_approve(stack: Stack) -> None:
    """A person edits the rollout to 5 % first, then approves the new card."""
    await stack.lab.break_platform("bad_flag")
    await until(lambda: _has_card(stack), "a card", _SECONDS)
    await until(lambda: edit_rollout(stack), "the edit is taken", _SECONDS)
    await click_until_heard(stack, APPROVE)
    await until(lambda: _is_settled(stack), "the task settles", _SECONDS)


async def lose_the_answer(stack: Stack) -> None:
    """The platform applies the write and cuts the connection."""
    fault = {
        "path_prefix": "/platform/flags",
        "method": "PUT",
        "kind": "reset_after",
        "count": 1,
    }
    await stack.post("/lab/platform-faults", fault)
    await approve(stack)


async def heal_by_itself(stack: Stack) -> None:
    """All alerts resolve before anybody decides: the sweeper closes the task."""
    await stack.lab.break_platform("bad_flag")
    await until(lambda: _has_card(stack), "a card", _SECONDS)
    await stack.post("/lab/heal", {})
    await until(lambda: _is_settled(stack), "the task settles", _SECONDS)


async def send_nonsense(stack: Stack) -> None:
    """A delivery that is no JSON is kept with its error, whoever dies."""

    async def kept() -> bool:
        await stack.post_webhook(f"nonsense {uuid.uuid4()}".encode())
        return bool(stack.rows("SELECT 1 FROM inbox WHERE state = 'failed'"))

    await until(kept, "the delivery is kept", _SECONDS)
    await approve(stack)


async def open_by_command(stack: Stack) -> None:
    """A person opens a task: one task, although its process may die."""

    async def opened() -> bool:
        await _command(stack, "open feed: timelines are slow")
        return bool(stack.rows("SELECT 1 FROM tasks WHERE service = 'feed'"))

    await until(opened, "the task is open", _SECONDS)
    await approve(stack)


async def _command(stack: Stack, text: str) -> None:
    said = {"user": "U0OPERATOR", "channel": CHANNEL, "command": "/ops"}
    await stack.post("/lab/act/command", {**said, "text": text})


async def click_on_nothing(stack: Stack) -> None:
    """A click that names no proposal is settled with a reason."""
    stack.change(
        "INSERT INTO inbox (tenant_id, environment, id, source, delivery_id, kind,"
        " payload, state, received_at) VALUES ('genme', 'prod', gen_random_uuid(),"
        " 'slack', gen_random_uuid()::text, 'decision', jsonb_build_object("
        "'verdict', 'approve', 'proposal_id', gen_random_uuid()::text, 'digest', '',"
        " 'slack_user', 'U0OPERATOR', 'person', 'U0OPERATOR'), 'pending', now())"
    )
    await until(lambda: _no_click_waits(stack), "the click is settled", _SECONDS)
    await approve(stack)


async def let_it_expire(stack: Stack) -> None:
    """The action's time is over a moment after it was verified: it is taken back."""
    await approve(stack)
    stack.change(
        "INSERT INTO reversions (tenant_id, environment, id, task_id, proposal_id,"
        " execution_id, due_at, state, next_try_at, reason, created_at, updated_at)"
        " SELECT tenant_id, environment, gen_random_uuid(), task_id, proposal_id, id,"
        " now(), 'scheduled', now(), '', now(), now() FROM executions"
        " WHERE kind = 'apply' AND outcome = 'applied' ORDER BY begun_at DESC LIMIT 1"
    )
    await until(lambda: _is_reverted(stack), "the action is taken back", _SECONDS)
    # The flag breaks the platform again, which may open a task of its own.
    await stack.post("/lab/heal", {})
    await until(lambda: _at_rest(stack), "alerts and tasks are over", _SECONDS)


async def freeze_and_thaw(stack: Stack) -> None:
    """A person freezes and thaws: each holds at its answer, whoever dies."""
    for words, frozen in (("freeze prod a drill", True), ("thaw prod", False)):
        await until(
            lambda words=words, frozen=frozen: _says(stack, words, frozen=frozen),  # type: ignore[misc]
            words,
            _SECONDS,
        )
    await approve(stack)


async def _says(stack: Stack, words: str, *, frozen: bool) -> bool:
    await _command(stack, words)
    query = "SELECT frozen FROM freezes WHERE environment = 'prod'"
    return stack.rows(query) == [(frozen,)]


async def restart_the_gateway(stack: Stack) -> None:
    """The gateway starts again and keeps its policy's texts."""
    stack.kill("gateway")
    await approve(stack)


async def let_nobody_answer(stack: Stack) -> None:
    """A card waits until the pager is called; then somebody approves it."""
    await stack.lab.break_platform("bad_flag")
    await until(lambda: _has_card(stack), "a card", _SECONDS)
    stack.change(
        "UPDATE proposals SET expires_in_seconds = 4 * 3600, expires_at = now()"
        " + interval '55 minutes' WHERE state = 'needs_approval'"
    )
    await until(lambda: _is_paged(stack), "the pager is called", _SECONDS)
    await click_until_heard(stack, APPROVE)
    await until(lambda: _is_settled(stack), "the task settles", _SECONDS)


async def _is_paged(stack: Stack) -> bool:
    paged = stack.rows(
        "SELECT 1 FROM outbox o JOIN proposals p ON o.slot = 'page:' || p.id"
        " WHERE o.state = 'sent' AND p.state = 'needs_approval'"
    )
    return bool(paged)


PLAYS: dict[str, Callable[[Stack], Awaitable[None]]] = {
    Step.read_view: edit_and_approve,
    Step.heartbeat: lose_the_answer,
    Step.sweep: heal_by_itself,
    Step.refuse_delivery: send_nonsense,
    Step.open_by_person: open_by_command,
    Step.settle_inbox: click_on_nothing,
    Step.set_up: restart_the_gateway,
    Step.freeze: freeze_and_thaw,
    Step.page_begun: let_nobody_answer,
    Step.page_settled: let_nobody_answer,
    Effect.page_send: let_nobody_answer,
    Step.reversion_intent: let_it_expire,
    Step.reversion_outcome: let_it_expire,
    Step.reversion_verified: let_it_expire,
    Effect.tool_revert: let_it_expire,
}


@pytest.mark.services
@pytest.mark.timeout(3000)
async def test_a_kill_at_every_point_leaves_one_execution_and_one_thread(
    tmp_path: Path,
) -> None:
    """Whoever dies wherever: once executed or a person asked, and one thread a task."""
    settings = {"ROUTES_FILE": _routes(tmp_path)}
    async with (
        # One after the other, since a world looks for ports that are free.
        running_stack(tmp_path / "1", settings=settings) as one,
        running_stack(tmp_path / "2", settings=settings) as two,
    ):
        async with asyncio.TaskGroup() as group:
            halves = [
                group.create_task(_play_all(one, POINTS[::2])),
                group.create_task(_play_all(two, POINTS[1::2])),
            ]
        problems = [problem for half in halves for problem in half.result()]
        unvisited = sorted(set(POINTS) - one.visited - two.visited)
        ledgers = [*await _ledgers(one), *await _ledgers(two)]

    assert (problems, unvisited, ledgers) == ([], [], [None, None])


def _routes(folder: Path) -> str:
    """The same thing breaks and is fixed dozens of times here, a few times a minute."""
    text = yaml.safe_load((ROOT / "routes.yaml").read_text())
    for route in text["routes"]:
        route |= {"quiet_seconds": 1, "most_fixes": 100}
    text["storm"] = {"alerts_per_minute": 100_000, "threads_per_minute": 1000}
    routes = folder / "routes.yaml"
    routes.write_text(yaml.safe_dump(text))
    return str(routes)


async def _ledgers(stack: Stack) -> list[str | None]:
    """Verify the ledger of each tenant; give what is wrong with it."""
    database = connect(stack.world.environment["DATABASE_URL_SEALER"], utc_now)
    settings = TrustSettings.model_validate(stack.world.environment)
    found = await verify_all(database, read_ledgers(settings))
    await database.close()
    return [one.problem for one in found]


async def _play_all(stack: Stack, points: Sequence[str]) -> list[str]:
    problems = []
    for point in points:
        problem = await _play(stack, point)
        print(f"{point:32} {problem or 'ok'}", flush=True)
        problems += [f"{point}: {problem}"] if problem else []
    return problems


async def _play(stack: Stack, point: str) -> str | None:
    """Play the job with one point armed; say what is wrong with its end."""
    await _calm(stack)
    writes, threads = len(await stack.lab.writes()), len(await roots(stack))
    tasks, applied = _count(stack, _TASKS), _count(stack, _APPLIED)
    stack.arm(point)
    play = PLAYS.get(point.partition(":")[2], approve)
    try:
        await play(stack)
        await until(lambda: _threads_stand(stack), "every task has its thread", 30)
    except NotYet as exc:
        return str(exc)
    if not stack.was_killed(point):
        return "never reached"
    ended = Play(
        healed=play is heal_by_itself,
        state=str(stack.rows(_LAST_STATE)[0][0]),
        reverted=play is let_it_expire,
        applied=_count(stack, _APPLIED) - applied,
        writes=len(await stack.lab.writes()) - writes,
        threads=len(await roots(stack)) - threads,
        tasks=_count(stack, _TASKS) - tasks,
    )
    return ended.problem


def _count(stack: Stack, query: str) -> int:
    return int(str(stack.rows(query)[0][0]))


_TASKS = "SELECT count(*) FROM tasks"
_LAST_STATE = (
    "SELECT state FROM tasks WHERE service = 'discourse'"
    " ORDER BY created_at DESC LIMIT 1"
)
_APPLIED = "SELECT count(*) FROM executions WHERE outcome = 'applied'"


async def _calm(stack: Stack) -> None:
    """Bring platform and tasks back to rest between two plays."""
    for armed in (stack.faults / "armed").iterdir():
        armed.unlink()
    await stack.post("/lab/heal", {})
    await until(lambda: _no_alert_fires(stack), "the platform is at rest", _SECONDS)
    stack.change(
        "UPDATE tasks SET state = 'completed', closed_at = coalesce(closed_at, now()),"
        " lease_until = NULL WHERE closed_at IS NULL"
    )
    stack.change("DELETE FROM write_counts")


async def _no_alert_fires(stack: Stack) -> bool:
    answer = await stack.get("/lab/alerts")
    firing = [one for one in answer["alerts"] if one["status"] == "firing"]
    return not firing and answer["waiting"] == 0


async def _at_rest(stack: Stack) -> bool:
    open_ones = (
        "SELECT count(*) FROM tasks WHERE closed_at IS NULL"
        " AND state <> 'escalated_to_human'"
    )
    return await _no_alert_fires(stack) and stack.rows(open_ones) == [(0,)]


async def _has_card(stack: Stack) -> bool:
    return await find_button(stack, APPROVE) is not None


async def _is_settled(stack: Stack) -> bool:
    return stack.rows(_LAST_STATE)[0][0] in {
        "completed",
        "escalated_to_human",
        "failed_terminal",
    }


async def _threads_stand(stack: Stack) -> bool:
    waiting = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"
    return stack.rows(waiting) == [(0,)]


async def _is_reverted(stack: Stack) -> bool:
    open_ones = "SELECT count(*) FROM reversions WHERE state <> 'done'"
    return stack.rows(open_ones) == [(0,)]


async def _no_click_waits(stack: Stack) -> bool:
    return stack.rows("SELECT count(*) FROM inbox WHERE state = 'pending'") == [(0,)]
