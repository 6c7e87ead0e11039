"""A card whose tool this release has changed: told at the click, and planned anew."""

from dataclasses import replace

import pytest

from gateway.assessment import digest_of
from gateway.registry import Registry
from policy.lifecycle import TaskEvent
from storage.proposals import Proposal
from tests.gateway.expiring import acted
from tests.gateway.outside import FLAG
from tests.gateway.steps import keys, states
from tests.gateway.test_attesting import undo_of
from tests.gateway.world import World


async def of_a_release_before(world: World, proposal: Proposal) -> Proposal:
    """Let a card be as a former release had made it."""
    old = replace(proposal, tool_version=1)
    await world.database_change(
        "UPDATE proposals SET tool_version = 1, digest = :digest WHERE id = :id",
        id=proposal.id,
        digest=digest_of(await world.task(proposal.task_id), old),
    )
    return await world.proposal(proposal.id)


@pytest.mark.parametrize("verdict", ["approve", "grant"])
async def test_a_click_says_so_and_a_new_plan_is_made(
    world: World, verdict: str
) -> None:
    """Nobody reads that it runs, and then waits for nothing."""
    old = await of_a_release_before(world, await world.shown())
    answer = await world.click(old, verdict=verdict)
    task = await world.task(old.task_id)

    assert "superseded" == answer.code
    assert answer.text.endswith("so nothing was done. A new plan is being made.")
    assert ("withdrawn", "queued") == await states(world, old)
    assert (2, []) == (task.plan, keys(world))
    assert [] == await world.rows("SELECT id FROM approvals")


async def test_after_the_last_plan_a_person_has_it(world: World) -> None:
    """Three plans a task, whoever asks for the next."""
    old = await of_a_release_before(world, await world.shown())
    await world.database_change("UPDATE tasks SET plan = 3")
    answer = await world.click(old)

    assert answer.text.endswith("The task waits for a person.")
    assert ("withdrawn", "escalated_to_human") == await states(world, old)


async def test_an_undo_is_asked_for_anew(world: World) -> None:
    """No agent plans it; whoever wants it has a button."""
    proposal = await acted(world)
    await world.click(proposal, verdict="undo")
    old = await of_a_release_before(world, await undo_of(world, proposal))
    answer = await world.click(old)
    again = await world.click(proposal, verdict="undo")

    assert answer.text.endswith("Ask for the undo again.")
    assert ("superseded", "undo_proposed") == (answer.code, again.code)


async def test_beside_another_card_nothing_is_promised(world: World) -> None:
    """The task's other card comes first; the answer says how to get a new plan."""
    claims = await world.start()
    seen = await world.look(claims)
    cited = (seen.evidence_id,)
    one = await world.propose(claims, evidence_ids=cited)
    params = {"flag_key": FLAG, "enabled": True, "rollout_percent": 10}
    await world.propose(claims, evidence_ids=cited, params=params)
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    old = await of_a_release_before(world, await world.proposal(one.proposal_id))
    answer = await world.click(old)

    assert "No new plan is made while something else of its task waits" in answer.text
    assert ("withdrawn", "needs_approval") == await states(world, old)


async def test_of_a_tool_that_is_gone_it_says_so(world: World) -> None:
    """There is no other one."""
    proposal = await world.shown()
    board = world.gate.registry.find("get_dashboard_snapshot")
    registry = Registry((board,))
    less = replace(world, gate=replace(world.gate, registry=registry))
    answer = await less.click(proposal)

    assert answer.text.startswith("This release no longer has toggle_feature_flag, so")


async def test_an_undo_of_a_tool_that_is_gone_is_a_person_s(world: World) -> None:
    """To ask for it again would be refused."""
    proposal = await acted(world)
    await world.click(proposal, verdict="undo")
    undo = await undo_of(world, proposal)
    board = world.gate.registry.find("get_dashboard_snapshot")
    registry = Registry((board,))
    answer = await replace(world, gate=replace(world.gate, registry=registry)).click(
        undo
    )

    assert answer.text.endswith("A person has to take it back by hand.")
