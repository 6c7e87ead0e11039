"""An answer that comes after the outcome was settled is told, and acted on."""

from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import JsonValue

from gateway.outcome import Ended, Outcome
from gateway.outcomes import settle
from gateway.restraints import target_of
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG, FlagParams
from policy.proposal import ProposalState
from storage import executions, proposals
from storage.canonical import plain
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance_often,
    expiring,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_AFTER, outcomes, states, step, writes
from tests.gateway.steps import NOT_SENT as REFUSED
from tests.gateway.world import FLAG_OFF, World

LATE = "task.answered_late"
NOT_SENT = Outcome(Ended.not_sent, error="connection refused")


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def denied(world: World) -> Proposal:
    """Have a person say that nothing happened, though the target was changed."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    was = world.outside.flags.flags[FLAG]
    world.outside.flags.put(enabled=True, rollout_percent=77)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    world.database.clock.move(seconds=60)
    await world.click(await world.proposal(proposal.id), verdict="no_effect")
    world.outside.flags.flags[FLAG] = was
    assert "cancelled" == await state(world, proposal)
    return proposal


async def now_is(world: World, proposal: Proposal) -> dict[str, JsonValue]:
    """Give the target as the tool reads it."""
    params = FlagParams.model_validate(plain(proposal.params))
    seen = await TOGGLE_FEATURE_FLAG.observe(params, world.gate.ports)
    return seen.model_dump(mode="json")


def target(world: World) -> str:
    tool = world.gate.registry.write("toggle_feature_flag")
    return target_of(tool, tool.params.model_validate(FLAG_OFF))


async def answer(world: World, proposal: Proposal, found: Outcome) -> None:
    database = world.gate.database
    async with database.transaction(world.scope, Step.execution_outcome) as tx:
        execution = await executions.find_last(tx, proposal.id)
        assert execution is not None
        await settle(tx, execution, found, verify_seconds=90, target=target(world))


async def test_what_took_effect_after_all_is_taken_back_at_its_end(
    world: World,
) -> None:
    """Whatever somebody said meanwhile; the ledger has both."""
    proposal = await denied(world)
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    resumed = await state(world, proposal)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    [told] = await world.events(proposal.task_id, LATE)
    flag = world.outside.flags.flags[FLAG]

    assert ("scheduled", "done") == (resumed, await state(world, proposal))
    assert ("lost", "applied") == (told["stands"], told["answer"])
    assert (True, 50) == (flag.enabled, flag.rollout_percent)
    assert "failed" == (await world.proposal(proposal.id)).state


async def test_an_answer_that_tells_nothing_else_is_not_told(world: World) -> None:
    """The same once more is no news; another one is, and changes no state."""
    proposal = await world.approved()
    await step(world, proposal)
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    same = await world.events(proposal.task_id, LATE)
    await answer(world, proposal, NOT_SENT)
    other = await world.events(proposal.task_id, LATE)

    assert (0, 1) == (len(same), len(other))
    assert "verifying" == (await world.proposal(proposal.id)).state


async def test_what_was_undone_is_not_taken_back_again(world: World) -> None:
    """Its reversion stays off."""
    proposal = await denied(world)
    await world.database_change(
        "UPDATE proposals SET state = 'undone' WHERE id = :id", id=proposal.id
    )
    await answer(world, proposal, Outcome(Ended.applied))

    assert "cancelled" == await state(world, proposal)


async def test_an_answer_before_anybody_spoke_is_measured(world: World) -> None:
    """The unknown outcome is known, and the card no longer asks for a word."""
    proposal = await unknown(world)
    asked = proposal.state
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    between = (await world.proposal(proposal.id)).state
    world.outside.recover()
    await world.advance(proposal.task_id, fence=0)
    refused = await world.click(await world.proposal(proposal.id), verdict="no_effect")

    assert ("outcome_unknown", "verifying") == (asked, between)
    assert "succeeded" == (await world.proposal(proposal.id)).state
    assert "already_decided" == refused.code


async def test_what_a_person_denied_is_told_on_card_and_root(world: World) -> None:
    """Their word stands; whoever reads either sees that the system says otherwise."""
    proposal = await denied(world)
    await answer(world, proposal, Outcome(Ended.applied))
    shown = await posted(world, f"proposal:{proposal.id}")
    root = await posted(world, "root")

    assert "its system answered after all: it took effect" in str(shown["execution"])
    assert "answered after all: it took effect" in str(root["next_step"])
    assert "answered after all" in str(shown["reversion"])
    assert ("failed", "failed") == (
        (await world.proposal(proposal.id)).state,
        shown["state"],
    )


async def posted(world: World, slot: str) -> dict[str, object]:
    [row] = await world.rows(
        "SELECT payload FROM outbox WHERE slot = :slot ORDER BY version DESC LIMIT 1",
        slot=slot,
    )
    found: dict[str, object] = row["payload"]
    return found


async def test_what_was_to_be_tried_again_is_measured_instead(world: World) -> None:
    """Its first try took effect after all: there is no second one."""
    proposal = await put_back(world)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    between = (await world.proposal(proposal.id)).state
    world.outside.recover()
    await step(world, proposal)

    [row] = await world.rows("SELECT outcome, error FROM executions")
    [call] = await world.rows(
        "SELECT state, error FROM tool_calls WHERE idempotency_key IS NOT NULL"
    )

    assert ("applied", None) == (row["outcome"], row["error"])
    assert ("completed", None) == (call["state"], call["error"])
    assert 1 == len(await world.events(proposal.task_id, "task.executed"))
    assert [1] * 4 == await counted(world)
    assert ("verifying", 0) == (between, writes(world))
    assert ("succeeded", "completed") == await states(world, proposal)
    assert "scheduled" == await state(world, proposal)


async def counted(world: World) -> list[int]:
    """Give what weighs on the budgets, a figure for each name of the write."""
    rows = await world.rows('SELECT "count" FROM write_counts WHERE "count" > 0')
    return [row["count"] for row in rows]


async def put_back(world: World) -> Proposal:
    """Bring an action to where its approval stands, to be tried again."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(REFUSED)
    await step(world, proposal)
    proposal = await world.proposal(proposal.id)
    assert ("approved", 0) == (proposal.state, writes(world))
    return proposal


async def test_beside_another_one_it_is_not_tried_again(world: World) -> None:
    """A person looks: two at once are not measured, nor is it sent twice."""
    proposal = await put_back(world)
    await beside(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied))

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_after_the_last_try_the_books_are_put_right(world: World) -> None:
    """It was given up by nobody's word but ours: the last try is told as applied."""
    proposal = await put_back(world)
    for _ in range(2):
        world.outside.flags.writes.coming.append(REFUSED)
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await step(world, proposal)
    after = await now_is(world, proposal)
    given_up = await states(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    await answer(world, proposal, Outcome(Ended.applied, after=after))

    assert ("failed", "escalated_to_human") == given_up
    assert given_up == await states(world, proposal)
    assert ["not_sent", "not_sent", "applied"] == await outcomes(world)
    assert ["failed", "failed", "completed"] == await calls(world)
    assert [1] * 4 == await counted(world)
    assert "scheduled" == await state(world, proposal)
    [told] = await world.events(proposal.task_id, "task.executed")
    assert ("applied", None) == (told["outcome"], told["error"])


async def calls(world: World) -> list[str]:
    """Give how the contract log says that each try ended, the oldest first."""
    rows = await world.rows(
        "SELECT state FROM tool_calls WHERE idempotency_key IS NOT NULL"
        " ORDER BY started_at, id"
    )
    return [row["state"] for row in rows]


async def test_beside_its_own_second_try_the_first_is_put_right(world: World) -> None:
    """Each try has a row and a call of its own; the second's stay as they are."""
    proposal = await put_back(world)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        first = await executions.find_last(tx, proposal.id)
    assert first is not None
    world.outside.flags.writes.coming.append(LOST_AFTER)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    found = Outcome(Ended.applied, after=await now_is(world, proposal))
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        await settle(tx, first, found, verify_seconds=90, target=target(world))

    assert ["applied", None] == await outcomes(world)
    assert ["completed", "started"] == await calls(world)
    assert 2 * 4 == sum(await counted(world))
    assert "executing" == (await world.proposal(proposal.id)).state


async def unknown(world: World) -> Proposal:
    """Bring an action to where nobody can tell, and nobody has spoken yet."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=77)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    return await world.proposal(proposal.id)


async def test_a_refusal_before_anybody_spoke_settles_it(world: World) -> None:
    """It did not take effect: the card says so, and there is nothing to take back."""
    proposal = await unknown(world)
    await answer(world, proposal, Outcome(Ended.failed, error="422 no such flag"))
    now = await world.proposal(proposal.id)

    assert ("failed", "cancelled") == (now.state, await state(world, proposal))
    assert "its system answered after all: 422" in str(now.closed_reason)


async def test_beside_another_action_it_waits_for_a_person(world: World) -> None:
    """Two at once are never measured: the task would end over one of them."""
    proposal = await unknown(world)
    await beside(world, proposal)
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))

    assert "outcome_unknown" == (await world.proposal(proposal.id)).state
    assert 1 == len(await world.events(proposal.task_id, LATE))


async def test_a_persons_word_does_not_hide_what_was_answered(world: World) -> None:
    """The card says both: who said what, and that the system says otherwise."""
    proposal = await unknown(world)
    await beside(world, proposal)
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    await world.click(await world.proposal(proposal.id), verdict="no_effect")
    shown = await posted(world, f"proposal:{proposal.id}")

    assert "failed" == (await world.proposal(proposal.id)).state
    assert "it took effect" in str(shown["execution"])
    assert "attested_by" in str(shown["execution"])


async def beside(world: World, proposal: Proposal) -> None:
    """Put another action of the same task under way."""
    other = replace(
        proposal,
        id=uuid4(),
        key="another",
        digest="e" * 64,
        state=ProposalState.executing,
    )
    async with world.gate.database.transaction(world.scope, Step.set_up) as tx:
        await proposals.create(tx, other)


async def test_what_never_left_weighs_on_no_budget(world: World) -> None:
    """Known late, it is taken from them as if it had been known at once."""
    proposal = await unknown(world)
    before = await counted(world)
    await answer(world, proposal, NOT_SENT)

    assert ([1] * 4, []) == (before, await counted(world))
    assert "failed" == (await world.proposal(proposal.id)).state


async def test_what_was_thought_back_is_looked_at_again(world: World) -> None:
    """It lands after its reversion found nothing of ours: it is taken back then."""
    proposal = await unknown(world)
    world.outside.flags.put(enabled=True, rollout_percent=9)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    skipped = await state(world, proposal)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    after = await now_is(world, proposal)
    await answer(world, proposal, Outcome(Ended.applied, after=after))
    await settle_what_is_measured(world, proposal)
    await advance_often(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert ("skipped", "done") == (skipped, await state(world, proposal))
    assert (True, 50) == (flag.enabled, flag.rollout_percent)


async def settle_what_is_measured(world: World, proposal: Proposal) -> None:
    """Have the action verified: its reversion waits for that."""
    world.outside.recover()
    await world.advance(proposal.task_id, fence=0)
