"""Executions: what is checked again, what is sent once, and what silence means."""

from dataclasses import replace

import pytest

from gateway.ports import Refused, StateMoved
from gateway.tools.feature_flag import FlagParams
from policy.lifecycle import TaskEvent
from storage.canonical import plain
from storage.tasks import Task
from tests.faults import KillAt, Killed
from tests.gateway.outside import FLAG, SERVICE, Failure
from tests.gateway.steps import (
    LOST_AFTER,
    LOST_BEFORE,
    NOT_SENT,
    PUT_OFF,
    keys,
    outcomes,
    states,
    step,
    writes,
)
from tests.gateway.world import FLAG_OFF, OPERATOR, World

# The effect's ten seconds and the two in which a sent request may still land.
SETTLED_SECONDS = 13
VERIFY_SECONDS = 91


async def test_an_approved_action_runs_and_is_verified(world: World) -> None:
    """Begun, applied, verified: the flag is off, the task complete."""
    proposal = await world.approved()
    first = await step(world, proposal)
    between = await states(world, proposal)
    world.outside.recover()
    last = await step(world, proposal)

    assert ("verifying", "succeeded") == (first.code, last.code)
    assert ("verifying", "executing") == between
    assert ("succeeded", "completed") == await states(world, proposal)
    assert (1, ["applied"]) == (writes(world), await outcomes(world))
    assert 0 == world.outside.flags.flags[FLAG].rollout_percent


async def test_an_execution_leaves_its_entries(world: World) -> None:
    """Begun, executed and verified stand in the ledger, the approval in the log."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    [begun] = await world.events(proposal.task_id, "task.execution_begun")
    [executed] = await world.events(proposal.task_id, "task.executed")
    [verified] = await world.events(proposal.task_id, "task.verified")
    [row] = await world.rows("SELECT * FROM tool_calls WHERE phase = 'apply'")

    assert proposal.digest == begun["digest"]
    assert begun["execution"] == executed["execution"] == verified["execution"]
    assert verified["worked"] is True
    assert ("completed", "incident_mitigation", f"{proposal.id}:apply") == (
        row["state"],
        row["reason_code"],
        row["idempotency_key"],
    )
    assert row["approval_id"] is not None


@pytest.mark.parametrize("environment", ["dev"])
async def test_an_action_of_l2_runs_without_approval(world: World) -> None:
    """In dev the flag is turned by policy's own word, and the log names no approval."""
    claims = await world.start()
    seen = await world.look(claims)
    made = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_found_executable)
    answer = await world.advance(claims.task_id)
    [row] = await world.rows("SELECT * FROM tool_calls WHERE phase = 'apply'")

    assert ("verifying", 1) == (answer.code, writes(world))
    assert row["approval_id"] is None
    assert "verifying" == (await world.proposal(made.proposal_id)).state


async def test_nothing_approved_is_idle(world: World) -> None:
    """A task in executing without anything approved has no next step."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE proposals SET state = 'withdrawn' WHERE id = :id", id=proposal.id
    )

    assert "idle" == (await step(world, proposal)).code


async def test_what_was_not_sent_is_tried_again_under_its_key(world: World) -> None:
    """The second try sends the same idempotency key, and succeeds."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(NOT_SENT)
    first = await step(world, proposal)
    between = await states(world, proposal)
    second = await step(world, proposal)

    assert ("refused_for_now", "verifying") == (first.code, second.code)
    assert ("approved", "executing") == between
    assert [f"{proposal.id}:apply"] * 2 == keys(world)
    assert (1, ["not_sent", "applied"]) == (writes(world), await outcomes(world))


async def test_the_third_try_is_the_last(world: World) -> None:
    """Three times nothing left: the proposal failed, a person has to look."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.extend([NOT_SENT] * 5)
    codes = [(await step(world, proposal)).code for _ in range(3)]

    assert ["refused_for_now", "refused_for_now", "failed"] == codes
    assert ("failed", "escalated_to_human") == await states(world, proposal)
    assert (0, 3) == (writes(world), len(keys(world)))


async def test_what_a_system_puts_off_waits_as_long_as_it_says(world: World) -> None:
    """Nothing is sent or read meanwhile; longer each time, and never a failure."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.extend([PUT_OFF] * 5)
    waits, early = [], []
    for _ in range(5):
        off = await step(world, proposal)
        asked = world.outside.flags.asked
        early.append((await step(world, proposal)).retry_after_seconds)
        assert asked == world.outside.flags.asked
        waits.append(off.retry_after_seconds)
        world.database.clock.move(seconds=off.retry_after_seconds + 1)
    last = await step(world, proposal)

    assert [40, 40, 40, 40, 80] == waits
    assert all(0 < left <= wait for left, wait in zip(early, waits, strict=True))
    assert ("verifying", 6) == (last.code, len(keys(world)))
    assert ["put_off"] * 5 + ["applied"] == await outcomes(world)


async def test_nobody_is_read_for_ever(world: World) -> None:
    """After ten minutes of silence on silence a person looks."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.outside.flags.unreadable = True
    world.database.clock.move(seconds=300)
    waits = await step(world, proposal)
    world.database.clock.move(seconds=601)
    ends = await step(world, proposal)

    assert ("unknown", "failed") == (waits.code, ends.code)
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_what_is_put_off_still_lapses(world: World) -> None:
    """A takeover is not kept waiting by a busy system."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(PUT_OFF)
    await step(world, proposal)
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'second' WHERE id = :id", id=proposal.task_id
    )

    assert "lapsed" == (await step(world, proposal)).code
    assert 1 == len(keys(world))


async def test_silence_waits_for_the_deadline(world: World) -> None:
    """Until a sent request can no longer land, nothing is read back or sent again."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    first = await step(world, proposal)
    again = await step(world, proposal)

    assert ("unknown", "unknown") == (first.code, again.code)
    assert 0 < again.retry_after_seconds <= SETTLED_SECONDS
    assert ("executing", "executing") == await states(world, proposal)
    assert 1 == len(keys(world))


async def test_silence_that_was_applied_is_found_out(world: World) -> None:
    """Read back as meant: applied, and no second write."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    answer = await step(world, proposal)

    assert "verifying" == answer.code
    assert ("verifying", "executing") == await states(world, proposal)
    assert (1, ["applied"]) == (writes(world), await outcomes(world))


async def test_silence_that_was_not_applied_runs_again(world: World) -> None:
    """Read back as before: tried once more under its key; one write in the end."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    again = await step(world, proposal)

    assert "verifying" == again.code
    assert (1, ["applied"]) == (writes(world), await outcomes(world))
    assert [f"{proposal.id}:apply"] * 2 == keys(world)


async def test_silence_that_nobody_can_read_goes_to_a_person(world: World) -> None:
    """Neither as before nor as meant: outcome unknown, and a person has to look."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=77)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    answer = await step(world, proposal)

    assert "failed" == answer.code
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert (0, ["lost"]) == (writes(world), await outcomes(world))


async def test_a_read_back_that_fails_waits(world: World) -> None:
    """Without an answer from the system nothing is decided."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    world.outside.flags.unreadable = True
    answer = await step(world, proposal)

    assert "unknown" == answer.code
    assert answer.retry_after_seconds > 0
    assert ("executing", "executing") == await states(world, proposal)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(StateMoved("HTTP 412"), "moved"), (Refused("HTTP 403"), "failed")],
)
async def test_a_refusal_of_the_system_is_final(
    world: World, error: Refused, outcome: str
) -> None:
    """412 and other refusals are not tried again: a person has to look."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(Failure(error))
    answer = await step(world, proposal)

    assert "failed" == answer.code
    assert ("failed", "escalated_to_human") == await states(world, proposal)
    assert (0, [outcome]) == (writes(world), await outcomes(world))


async def test_verification_that_never_comes_is_taken_back(world: World) -> None:
    """The service stays ill: failed with what was measured, its undo for a person."""
    proposal = await world.approved()
    await step(world, proposal)
    early = await step(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    late = await step(world, proposal)
    [entry] = await world.events(proposal.task_id, "task.verified")

    assert ("verifying", "failed") == (early.code, late.code)
    assert ("failed", "needs_approval") == await states(world, proposal)
    assert (False, "discourse: 5xx at 18.0 %") == (entry["worked"], entry["text"])


async def test_an_effect_that_is_gone_again_is_a_failure(world: World) -> None:
    """Somebody turned the flag back on: verification says so at once."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    answer = await step(world, proposal)

    assert "failed" == answer.code
    assert "again" in answer.text


async def test_one_of_two_approved_actions_goes_first(world: World) -> None:
    """A task with two approvals executes one, then the other."""
    claims = await world.start()
    back = {**FLAG_OFF, "rollout_percent": 5, "enabled": True}
    other = await world.propose(claims, params=back)
    proposal = await world.approved(claims)
    await world.click(await world.proposal(other.proposal_id), user=OPERATOR)
    await step(world, proposal)

    assert 1 == len(keys(world))


@pytest.mark.parametrize(
    ("point", "sent"),
    [
        ("before:execution_intent", 0),
        ("after:execution_intent", 0),
        ("before:tool_write", 0),
        ("after:tool_write", 1),
        ("before:execution_outcome", 1),
        ("after:execution_outcome", 1),
    ],
)
async def test_a_killed_gateway_writes_once(
    world: World, point: str, sent: int
) -> None:
    """Dead at any edge of the effect, another one goes on: one write in the end."""
    proposal = await world.approved()
    killed = world.killed_at(KillAt(point))
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - groups wrap it
        await killed.advance(proposal.task_id)
    before = writes(world)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    codes = [(await step(world, proposal)).code for _ in range(3)]

    assert isinstance(caught.value, Killed)
    assert sent == before
    assert 1 == writes(world)
    assert "verifying" == codes[-1]


async def test_the_service_is_named_in_what_people_read(world: World) -> None:
    """The task's headline tells what is verified, and after how long."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    world.database.clock.move(seconds=5)
    await step(world, proposal)
    task: Task = await world.task(proposal.task_id)

    assert task.headline.startswith(f"{SERVICE}: 5xx at 0.10 %")
    assert "5 s" in task.headline


async def test_the_closed_root_says_what_was_approved(world: World) -> None:
    """In the tool's words for people, with where and by whom; no system's name."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    world.database.clock.move(seconds=5)
    await step(world, proposal)
    [row] = await world.rows(
        "SELECT payload FROM outbox WHERE slot = 'root' ORDER BY version DESC LIMIT 1"
    )
    said = row["payload"]["next_step"]

    assert "completed" == row["payload"]["state"]
    assert proposal.tool not in said
    assert (
        f"{proposal.title} in {world.scope.environment}, approved by operator" in said
    )


async def test_a_reach_that_is_no_number_begins_nothing(world: World) -> None:
    """It is asked again: a broken gauge is no small reach."""
    proposal = await world.approved()
    world.outside.services.become(error_ratio=0.2, active_users=10**300)
    answer = await step(world, proposal)

    assert "refused_for_now" == answer.code
    assert "active_users: Input should be less" in answer.text
    assert [] == keys(world)


async def test_a_target_that_reads_as_before_may_be_so_already(world: World) -> None:
    """A system without versions: nothing is done twice."""
    proposal = await world.approved()
    meant = FlagParams.model_validate(plain(proposal.params))
    flags = world.outside.flags.flags
    flags[FLAG] = replace(
        flags[FLAG], enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "meanwhile, so nothing was done" in answer.text
    assert [] == keys(world)
