"""
Kill -9 at every step of a run with a model: no question is paid twice, no write done.

As ``test_kills``, for the points that such a run passes; what is counted stands at the
model's own server and at the platform.
"""

from pathlib import Path

import pytest

from storage.steps import Effect, Step
from tests.journeys.modelled import asked, play_script, settings_with_model
from tests.journeys.stack import (
    APPROVE,
    NotYet,
    Stack,
    click_until_heard,
    find_button,
    running_stack,
    until,
)

STEPS = (
    Step.claim_task,
    Effect.spawn_sandbox,
    Step.read_session,
    Step.begin_model_call,
    Effect.model_call,
    Step.finish_model_call,
    Step.begin_call,
    Effect.tool_read,
    Step.finish_call,
    Step.propose,
    Step.report_run,
    Step.finish_run,
)
POINTS = [f"{edge}:{name}" for name in STEPS for edge in ("before", "after")]
_SECONDS = 90.0
_LAST = (
    "SELECT state FROM tasks WHERE service = 'discourse'"
    " ORDER BY created_at DESC LIMIT 1"
)
_APPLIED = "SELECT count(*) FROM executions WHERE outcome = 'applied'"


@pytest.mark.services
@pytest.mark.timeout(2400)
async def test_a_kill_at_every_step_repeats_no_question_and_no_write(
    tmp_path: Path,
) -> None:
    """Each question reaches the model once, and the flag is turned off once."""
    problems: list[str] = []
    async with running_stack(tmp_path, settings=settings_with_model(tmp_path)) as stack:
        for point in POINTS:
            problem = await _play(stack, point)
            print(f"{point:32} {problem or 'ok'}", flush=True)
            problems += [f"{point}: {problem}"] if problem else []

    assert [] == problems


async def _play(stack: Stack, point: str) -> str | None:
    """Play the job with one point armed; say what is wrong with its end."""
    await _calm(stack)
    await play_script(stack)
    writes, applied = len(await stack.lab.writes()), _applied(stack)
    stack.arm(point)
    try:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _has_card(stack), "a card", _SECONDS)
        await click_until_heard(stack, APPROVE)
        await until(lambda: _is_settled(stack), "the task settles", _SECONDS)
    except NotYet as exc:
        return str(exc)
    if not stack.was_killed(point):
        return "never reached"
    questions = await asked(stack)
    if len(questions) != len(set(questions)):
        return f"{len(questions)} questions, {len(set(questions))} different"
    kept = stack.rows("SELECT count(*) FROM model_calls WHERE state = 'begun'")
    if kept != [(0,)]:
        return f"{kept[0][0]} questions were never settled"
    done = len(await stack.lab.writes()) - writes, _applied(stack) - applied
    return None if done == (1, 1) else f"{done[0]} writes, {done[1]} applied"


def _applied(stack: Stack) -> int:
    return int(str(stack.rows(_APPLIED)[0][0]))


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


async def _has_card(stack: Stack) -> bool:
    return await find_button(stack, APPROVE) is not None


async def _is_settled(stack: Stack) -> bool:
    return stack.rows(_LAST)[0][0] in {"completed", "escalated_to_human"}
