"""An outcome as a value: what it waits for, and what of it is stored."""

from datetime import timedelta

import pytest

from gateway.outcome import Ended, Outcome, hide_outcome
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG
from storage.steps import Step
from tests.gateway.steps import step
from tests.gateway.world import World

MAIL = "ann.canary@example.org"


@pytest.mark.parametrize(
    ("asked", "times", "waits"),
    [(0.0, 0, 5.0), (0.0, 1, 10.0), (0.0, 20, 300.0), (40.0, 0, 40.0), (9.0, 3, 40.0)],
)
def test_what_is_put_off_waits_longer_each_time(
    asked: float, times: int, waits: float
) -> None:
    """At least as long as the system asks for, and five minutes by ourselves."""
    found = Outcome(Ended.put_off, retry_after=asked).longer(times)

    assert waits == found.retry_after
    assert 0.0 == Outcome(Ended.not_sent).longer(times).retry_after


async def test_only_what_is_put_off_has_an_instant_to_wait_for(world: World) -> None:
    """The others may be tried at once, or never."""
    now = world.database.clock()
    off = Outcome(Ended.put_off, retry_after=40).ending(now, verify_seconds=90)
    done = Outcome(Ended.applied).ending(now, verify_seconds=90)

    assert now + timedelta(seconds=40) == off.not_before
    assert (None, now + timedelta(seconds=90)) == (
        done.not_before,
        done.verify_deadline_at,
    )


async def test_an_error_loses_whom_it_names(world: World) -> None:
    """And a state stays what the tool's model takes."""
    proposal = await world.approved()
    await step(world, proposal)
    [row] = await world.rows("SELECT after FROM executions")
    found = Outcome(Ended.failed, after=row["after"], error=f"{MAIL} may not")
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        hidden = await hide_outcome(
            world.gate, tx, proposal.task_id, found, TOGGLE_FEATURE_FLAG.state
        )

    assert MAIL not in str(hidden.error)
    assert row["after"] == hidden.after
