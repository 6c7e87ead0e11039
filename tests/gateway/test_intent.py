"""Transaction 1: what is checked again before anything is sent."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.gate import RefusedCall
from gateway.ports import Refused
from gateway.registry import Registry
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG, FlagParams
from policy.lifecycle import TaskEvent
from storage import outbox, posts, tasks
from storage.canonical import plain
from storage.errors import LeaseLost
from storage.steps import Step
from tests.gateway.steps import LOST_BEFORE, keys, outcomes, states, step, writes
from tests.gateway.world import World


async def test_a_target_that_changed_voids_the_approval(world: World) -> None:
    """What was approved was another state: nothing is sent."""
    proposal = await world.approved()
    world.outside.flags.put(enabled=True, rollout_percent=60)
    answer = await step(world, proposal)
    now = await world.proposal(proposal.id)

    assert "lapsed" == answer.code
    assert "changed since it was shown" in str(now.closed_reason)
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)
    assert [] == keys(world)


async def test_a_target_that_is_so_already_is_said(world: World) -> None:
    """Somebody else did it between card and click: no alarm in the words."""
    proposal = await world.approved()
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "meanwhile, so nothing was done" in answer.text
    assert [] == keys(world)


async def test_a_reach_that_grew_voids_the_approval(world: World) -> None:
    """More than half again as many users as were shown: ask again."""
    proposal = await world.approved()
    world.outside.services.become(error_ratio=0.2, active_users=6100)
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "grew from 2,000 to 3,050" in answer.text
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)
    assert [] == keys(world)


async def test_a_reach_that_grew_a_little_runs(world: World) -> None:
    """Up to the tool's ratio the approval holds."""
    proposal = await world.approved()
    world.outside.services.become(error_ratio=0.2, active_users=6000)

    assert "verifying" == (await step(world, proposal)).code


async def test_params_changed_in_the_row_do_not_run(world: World) -> None:
    """The digest is computed again: both are named, and nothing is sent."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE proposals SET params = jsonb_set(params, '{rollout_percent}', '99')"
        " WHERE id = :id",
        id=proposal.id,
    )
    answer = await step(world, proposal)
    [entry] = await world.events(proposal.task_id, "task.proposal_closed")

    assert "lapsed" == answer.code
    assert f"digest {proposal.digest[:8]} was approved, " in answer.text
    assert "ask for approval again" in answer.text
    assert answer.text == entry["reason"]
    assert [] == keys(world)


async def test_a_digest_changed_in_the_row_does_not_run(world: World) -> None:
    """A row whose digest was exchanged names another content than its own."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE proposals SET digest = repeat('0', 64) WHERE id = :id", id=proposal.id
    )
    answer = await step(world, proposal)

    assert "digest 00000000 was approved, " in answer.text
    assert [] == keys(world)


async def test_an_approval_of_another_digest_counts_for_nothing(world: World) -> None:
    """A vote for what was shown before goes back to people."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE approvals SET digest = repeat('0', 64) WHERE proposal_id = :id",
        id=proposal.id,
    )
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert ("needs_approval", "needs_approval") == await states(world, proposal)
    assert [] == keys(world)


async def test_a_freeze_holds_what_is_approved(world: World) -> None:
    """Frozen after approval: refused for now; thawed, it runs; the ledger says both."""
    proposal = await world.approved()
    await world.freeze(frozen=True)
    held = await step(world, proposal)
    between = await states(world, proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        await posts.say_wait(tx, await tasks.get(tx, proposal.task_id), held.text)
    await world.freeze(frozen=False)
    runs = await step(world, proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        shown = await outbox.find_step(tx, proposal.task_id)
    [entry] = await world.events(proposal.task_id, "task.execution_refused")

    assert ("refused_for_now", "verifying") == (held.code, runs.code)
    assert (("approved", "executing"), "") == (between, shown.text if shown else None)
    assert "frozen" in str(entry["rule"])
    assert ["applied"] == await outcomes(world)


NEVER = """
@id("never-again")
@reason("Nobody turns flags any more.")
forbid (principal is Agent, action == Action::"execute:toggle_feature_flag", resource);
"""


async def test_no_thaw_is_waited_for_where_policy_denies_for_good(world: World) -> None:
    """A freeze passes; a guard that stays ends the approval at once."""
    proposal = await world.approved()
    await world.freeze(frozen=True)

    def forbid(texts: dict[str, str]) -> None:
        texts["guards.cedar"] += NEVER

    answer = await step(world.with_texts(forbid), proposal)

    assert "lapsed" == answer.code
    assert ("denied", "escalated_to_human") == await states(world, proposal)
    assert "Nobody turns flags" in answer.text


async def test_an_approval_ends_though_nobody_swept(world: World) -> None:
    """Past its time an approved action lapses at the gateway itself."""
    proposal = await world.approved()
    await world.freeze(frozen=True)
    await step(world, proposal)
    world.database.clock.move(seconds=timedelta(hours=25).total_seconds())
    await world.freeze(frozen=False)
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert ("expired", "escalated_to_human") == await states(world, proposal)
    assert [] == keys(world)


async def test_a_stale_fence_is_refused(world: World) -> None:
    """A worker that lost its claim moves nothing."""
    proposal = await world.approved()

    with pytest.raises(LeaseLost):
        await world.advance(proposal.task_id, fence=99)
    assert [] == keys(world)


async def test_a_task_that_does_not_execute_is_refused(world: World) -> None:
    """An undecided task has no execution, whatever the fence."""
    proposal = await world.shown()

    with pytest.raises(LeaseLost):
        await step(world, proposal)


async def test_two_workers_at_once_have_one_effect(world: World) -> None:
    """Ten calls under one fence: the flag is written once, and nobody errs."""
    proposal = await world.approved()
    answers = await asyncio.gather(
        *(step(world, proposal) for _ in range(10)), return_exceptions=True
    )
    failed = [
        one for one in answers if isinstance(one, Exception) and not _is_busy(one)
    ]

    assert [] == failed
    assert (1, ["applied"]) == (writes(world), await outcomes(world))
    assert ("verifying", "executing") == await states(world, proposal)


def _is_busy(error: Exception) -> bool:
    return isinstance(error, RefusedCall) and error.code == "target_busy"


async def test_writes_of_an_hour_are_limited(world: World) -> None:
    """Past twenty the action waits; once the hour is over it runs."""
    proposal = await world.approved()
    await _count_writes(world, 20, minutes_ago=50)
    held = await step(world, proposal)
    between = await states(world, proposal)
    world.database.clock.move(seconds=16 * 60)
    runs = await step(world, proposal)

    assert ("refused_for_now", "verifying") == (held.code, runs.code)
    assert ("approved", "executing") == between


@pytest.mark.parametrize("environment", ["dev"])
async def test_a_busy_hour_asks_a_person(world: World) -> None:
    """After five writes L2 asks; the card says whom, and one click lets it run."""
    claims = await world.start()
    seen = await world.look(claims)
    made = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_found_executable)
    await _count_writes(world, 5)
    lapsed = await world.advance(claims.task_id)
    proposal = await world.proposal(made.proposal_id)
    between = await states(world, proposal)
    click = await world.click(proposal)
    runs = await step(world, proposal)

    assert ("lapsed", "approved", "verifying") == (lapsed.code, click.code, runs.code)
    assert ("needs_approval", "needs_approval") == between
    assert (1, ("reliability-oncall",)) == (proposal.quorum, proposal.roles)


@pytest.mark.parametrize(
    ("kind", "name", "count"),
    [
        ("target", "toggle_feature_flag:new_ranker", 3),
        ("agent", "reliability-triage", 30),
        ("all", "", 60),
    ],
)
async def test_each_budget_of_an_hour_waits(
    world: World, kind: str, name: str, count: int
) -> None:
    """Target, agent and environment have budgets beside the tool's."""
    proposal = await world.approved()
    await _count(world, kind=kind, name=name, count=count)
    held = await step(world, proposal)

    assert "refused_for_now" == held.code
    assert ("approved", "executing") == await states(world, proposal)
    assert [] == keys(world)


async def test_a_resolved_alert_voids_what_has_not_begun(world: World) -> None:
    """Nothing is done to a service that is well again, and the card says so."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE tasks SET quiet_at = now() + interval '1 minute' WHERE id = :id",
        id=proposal.task_id,
    )
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "resolved" in answer.text
    assert ("withdrawn", "completed") == await states(world, proposal)
    assert [] == keys(world)


async def test_old_evidence_voids_what_has_not_begun(world: World) -> None:
    """What was seen an hour ago decides nothing now."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE proposals SET expires_at = NULL WHERE id = :id", id=proposal.id
    )
    world.database.clock.move(seconds=3700)
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "min old" in answer.text
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)


async def test_what_cites_nothing_is_no_fresher(world: World) -> None:
    """Its own measurement is then what it rests on."""
    proposal = await world.approved(evidence_ids=())
    await world.database_change(
        "UPDATE proposals SET expires_at = NULL WHERE id = :id", id=proposal.id
    )
    world.database.clock.move(seconds=3700)
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "it cites nothing, and its target was last seen 62 min ago" in answer.text


async def test_what_the_tool_no_longer_takes_is_void(world: World) -> None:
    """An instant among the params is over, or the dry run says no."""
    proposal = await world.approved()

    async def refuse(*_asked: object) -> None:
        raise Refused("expires_at is over; propose it anew")

    tool = replace(TOGGLE_FEATURE_FLAG, rehearse=refuse)
    registry = Registry((GET_DASHBOARD_SNAPSHOT, tool))
    world = replace(world, gate=replace(world.gate, registry=registry))
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert "expires_at is over" in answer.text
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)
    assert [] == keys(world)


async def test_a_wait_is_written_down_once(world: World) -> None:
    """A freeze that refuses every few seconds leaves one entry, not a flood."""
    proposal = await world.approved()
    await world.freeze(frozen=True)
    for _ in range(3):
        await step(world, proposal)
    refused = await world.events(proposal.task_id, "task.execution_refused")

    assert 1 == len(refused)


async def test_a_busy_target_waits(world: World) -> None:
    """Of two approved actions on one flag the second waits for the first."""
    first, second = await world.approved(), await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, first)

    with pytest.raises(RefusedCall) as caught:
        await step(world, second)
    assert ("target_busy", "target-lock") == (caught.value.code, caught.value.rule)
    assert ("approved", "executing") == await states(world, second)


async def test_a_takeover_stops_what_has_not_begun(world: World) -> None:
    """A person who took over before transaction 1 finds nothing done."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'operator' WHERE id = :id", id=proposal.task_id
    )
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)
    assert [] == keys(world)


async def test_an_unreadable_target_waits(world: World) -> None:
    """The system does not answer before the effect: refused for now, nothing begun."""
    proposal = await world.approved()
    world.outside.flags.unreadable = True
    answer = await step(world, proposal)

    assert "refused_for_now" == answer.code
    assert ("approved", "executing") == await states(world, proposal)
    assert [] == await outcomes(world)


async def test_another_environment_executes_nothing(world: World) -> None:
    """A gateway of dev is asked for prod: refused."""
    proposal = await world.approved()

    with pytest.raises(RefusedCall, match="serves dev alone"):
        await world.at("dev").advance(proposal.task_id)


async def _count_writes(world: World, count: int, *, minutes_ago: int = 0) -> None:
    tool = "toggle_feature_flag"
    await _count(world, kind="tool", name=tool, count=count, minutes_ago=minutes_ago)


async def _count(
    world: World, *, kind: str, name: str, count: int, minutes_ago: int = 0
) -> None:
    await world.database_change(
        "INSERT INTO write_counts (tenant_id, environment, kind, name,"
        " bucket_at, count)"
        " VALUES (:tenant, :environment, :kind, :name, :bucket, :count)",
        tenant=world.scope.tenant_id,
        environment=world.scope.environment,
        kind=kind,
        name=name,
        bucket=world.database.clock() - timedelta(minutes=minutes_ago),
        count=count,
    )
