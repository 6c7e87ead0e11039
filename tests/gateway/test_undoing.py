"""An undo: a proposal of its own, in the task or a linked one, and what it leaves."""

from dataclasses import replace

import pytest

from gateway import deciding
from gateway.gate import RefusedCall
from policy.lifecycle import TaskEvent
from storage.proposals import Proposal
from tests.gateway.outside import FLAG, ROUTE, SERVICE
from tests.gateway.steps import NOT_SENT, states, step
from tests.gateway.test_editing import edited_to_cited, nobody_for_themselves
from tests.gateway.world import GUEST, OPERATOR, SECOND, World
from wire.control import DecisionAnswer

VERIFY_SECONDS = 91


async def done(world: World) -> Proposal:
    """Bring an action to where it was carried out and verified."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    return await world.proposal(proposal.id)


async def ask(world: World, proposal: Proposal, user: str = OPERATOR) -> DecisionAnswer:
    """Click Undo."""
    return await world.click(proposal, verdict="undo", user=user)


async def undo_of(world: World, proposal: Proposal) -> Proposal:
    [row] = await world.rows(
        "SELECT id FROM proposals WHERE undoes = :id", id=proposal.id
    )
    return await world.proposal(row["id"])


async def test_an_undo_of_an_ended_task_is_a_linked_task(world: World) -> None:
    """Born needing approval, in a thread of its own, linked to what it takes back."""
    proposal = await done(world)
    answer = await ask(world, proposal)
    undo = await undo_of(world, proposal)
    task = await world.task(undo.task_id)
    threads = await world.rows("SELECT task_id FROM threads")

    assert ("undo_proposed", "needs_approval") == (answer.code, undo.state)
    assert (proposal.task_id, "needs_approval") == (task.linked_to, task.state)
    assert "completed" == await world.state(proposal.task_id)
    assert task.id in {row["task_id"] for row in threads}


async def test_an_undo_restores_what_was_and_says_so(world: World) -> None:
    """Approved, executed, verified by what the target holds; both cards are right."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    click = await world.click(undo)
    first = await step(world, undo)
    last = await step(world, undo)
    flag = world.outside.flags.flags[FLAG]
    [entry] = await world.events(proposal.task_id, "task.undone")

    assert ("approved", "verifying", "succeeded") == (click.code, first.code, last.code)
    assert (True, 50) == (flag.enabled, flag.rollout_percent)
    assert "undone" == (await world.proposal(proposal.id)).state
    assert ("succeeded", "completed") == await states(world, undo)
    assert str(undo.id) == entry["undo"]
    headline = (await world.task(undo.task_id)).headline
    assert "Undo: Turn flag new_ranker off: restored: on, 50 % of users" == headline


async def test_an_undo_needs_no_service_that_is_well(world: World) -> None:
    """Its measure is that the target is what it was, however the service does."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    world.outside.services.become(error_ratio=0.5)
    await step(world, undo)

    assert "succeeded" == (await step(world, undo)).code


async def test_an_undo_waits_for_no_measure_of_whom_it_reaches(world: World) -> None:
    """The metrics are away, as in many an outage; the flag's own system is not."""
    proposal = await done(world)
    services = world.outside.services
    services.load = replace(services.load, service="another")
    asked = await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await step(world, undo)

    assert "undo_refused" != asked.code
    assert "nobody could measure it" in str(undo.estimate["text"])
    assert world.outside.flags.flags[FLAG].enabled


async def test_a_throttle_is_lifted_while_nobody_measures(world: World) -> None:
    """Its system says what the limit is; the metrics are of the service alone."""
    params = {"service": SERVICE, "route": ROUTE, "limit_rps": 450}
    proposal = await world.approved(tool="throttle_endpoint", params=params)
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    services, throttles = world.outside.services, world.outside.throttles.throttles
    services.load = replace(services.load, service="another")
    held = throttles[SERVICE, ROUTE].limit_rps
    asked = await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await step(world, undo)
    last = await step(world, undo)

    assert ("undo_proposed", "succeeded") == (asked.code, last.code)
    assert (450, None) == (held, throttles[SERVICE, ROUTE].limit_rps)
    assert "undone" == (await world.proposal(proposal.id)).state


async def test_an_action_that_did_not_help_is_proposed_to_be_undone(
    world: World,
) -> None:
    """Its undo stands in the same thread and waits for a person."""
    proposal = await world.approved()
    await step(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await step(world, proposal)
    undo = await undo_of(world, proposal)

    assert ("failed", "needs_approval") == await states(world, proposal)
    assert (proposal.task_id, "autopilot") == (undo.task_id, undo.proposed_by)


@pytest.mark.parametrize("environment", ["dev"])
async def test_where_policy_allows_an_undo_runs_by_itself(world: World) -> None:
    """At L2 what did not help is taken back without anybody."""
    claims = await world.start()
    seen = await world.look(claims)
    made = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_found_executable)
    proposal = await world.proposal(made.proposal_id)
    await step(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await step(world, proposal)
    undo = await undo_of(world, proposal)
    await step(world, undo)
    last = await step(world, undo)

    assert ("approved", "succeeded") == (undo.state, last.code)
    assert ("undone", "completed") == await states(world, proposal)
    assert world.outside.flags.flags[FLAG].enabled


@pytest.mark.parametrize("environment", ["dev"])
async def test_an_undo_of_what_was_edited_is_no_edit(world: World) -> None:
    """It runs by itself where any other would."""
    _, newer = await edited_to_cited(world)
    await world.click(newer)
    await step(world, newer)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await step(world, newer)

    assert "approved" == (await undo_of(world, newer)).state


async def test_an_undo_is_asked_once(world: World) -> None:
    """The second click is told of the first one's."""
    proposal = await done(world)
    await ask(world, proposal)
    again = await ask(world, proposal)

    assert "undo_refused" == again.code
    assert "already" in again.text
    assert 1 == len(
        await world.rows("SELECT 1 FROM proposals WHERE undoes IS NOT NULL")
    )


async def test_a_rejected_undo_may_be_asked_again(world: World) -> None:
    """A no is for that card, and not for ever."""
    proposal = await done(world)
    await ask(world, proposal)
    await world.click(await undo_of(world, proposal), verdict="reject")

    cards = await world.rows(
        "SELECT payload FROM outbox WHERE slot = :slot ORDER BY version DESC LIMIT 1",
        slot=f"proposal:{proposal.id}",
    )

    assert "rejected" == cards[0]["payload"]["undone_by"]["state"]
    assert "undo_proposed" == (await ask(world, proposal)).code


async def test_who_may_not_approve_may_not_ask(world: World) -> None:
    """A guest is told whose it is, and nothing is proposed."""
    proposal = await done(world)
    answer = await ask(world, proposal, GUEST)

    assert "not_yours" == answer.code
    assert "reliability-oncall" in answer.text
    assert [] == await world.rows("SELECT 1 FROM proposals WHERE undoes IS NOT NULL")


async def test_what_was_never_done_is_not_undone(world: World) -> None:
    """A card that still waits, and one whose effect never left."""
    waiting = await world.shown()
    failing = await world.approved()
    world.outside.flags.writes.coming.extend([NOT_SENT] * 3)
    for _ in range(3):
        await step(world, failing)
    answers = [await ask(world, one) for one in (waiting, failing)]

    assert {"undo_refused"} == {one.code for one in answers}
    assert all("carried out" in one.text for one in answers)


async def test_what_is_back_already_needs_no_undo(world: World) -> None:
    """Somebody turned the flag back by hand."""
    proposal = await done(world)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    answer = await ask(world, proposal)

    assert "undo_refused" == answer.code
    assert "as it was before already" in answer.text


async def test_a_target_that_others_changed_is_said_on_the_card(world: World) -> None:
    """The undo would overwrite what somebody did since."""
    proposal = await done(world)
    world.outside.flags.put(enabled=True, rollout_percent=7)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)

    assert "Somebody changed the target since" in undo.because


async def test_an_undo_is_not_edited(world: World) -> None:
    """It restores what was, or it is rejected."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    answer = await world.click(
        undo, verdict="edit", params={**undo.params, "rollout_percent": 9}
    )

    assert "out_of_bounds" == answer.code
    assert "needs_approval" == (await world.proposal(undo.id)).state


async def test_a_freeze_lets_an_undo_through(world: World) -> None:
    """What takes harm back goes on, unless everything is frozen."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.freeze(frozen=True)
    click = await world.click(undo)

    assert ("approved", "verifying") == (click.code, (await step(world, undo)).code)


async def test_a_freeze_of_everything_holds_an_undo(world: World) -> None:
    """Approved or not, it waits for the thaw."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await world.database_change(
        "UPDATE freezes SET frozen = true, undo_too = true, reason = 'r', by = 'b'"
        " WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
    )
    held = await step(world, undo)

    assert "refused_for_now" == held.code
    assert not world.outside.flags.flags[FLAG].enabled


async def test_a_click_that_comes_twice_proposes_once(world: World) -> None:
    """The inbox row is settled with the first."""
    proposal = await done(world)
    request = await world.request(proposal, verdict="undo")
    first = await deciding.decide(world.gate, request)
    second = await deciding.decide(world.gate, request)

    assert ("undo_proposed", "repeated") == (first.code, second.code)


async def test_an_undo_is_not_undone(world: World) -> None:
    """That would be the action itself, past budgets, freezes and evidence."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await step(world, undo)
    await step(world, undo)
    answer = await ask(world, await world.proposal(undo.id))

    assert "undo_refused" == answer.code
    assert "past every guard" in answer.text
    assert world.outside.flags.flags[FLAG].enabled


async def test_a_run_may_not_set_what_an_undo_alone_may(world: World) -> None:
    """A former state comes from the system, never from an agent."""
    claims = await world.start()
    params = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5, "former": "{}"}
    with pytest.raises(RefusedCall, match="set by an undo alone"):
        await world.propose(claims, params=params)


async def test_who_asks_for_an_undo_does_not_approve_it(world: World) -> None:
    """Where nobody may approve for themselves: told at the click."""
    strict = world.with_texts(nobody_for_themselves)
    proposal = await done(strict)
    asked = await ask(strict, proposal, user=SECOND)
    undo = await undo_of(strict, proposal)
    own = await strict.click(undo, user=SECOND)
    others = await strict.click(undo, user=OPERATOR)

    assert ("undo_proposed", "not_yours", "approved") == (
        asked.code,
        own.code,
        others.code,
    )
