"""Clicks: each is answered once, and moves what it may."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway import deciding
from gateway.gate import RefusedCall
from policy.lifecycle import TaskEvent
from storage import proposals
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.outside import ROUTE, SERVICE
from tests.gateway.steps import states
from tests.gateway.world import GUEST, OPERATOR, SECOND, World

QUORUM_OF_ONE = "quorum: 1"
THROTTLE = {
    "tool": "throttle_endpoint",
    "params": {"service": SERVICE, "route": ROUTE, "limit_rps": 450},
}


def two_must_agree(texts: dict[str, str]) -> None:
    people = texts["people.yaml"]
    assert QUORUM_OF_ONE in people
    people = people.replace(QUORUM_OF_ONE, "quorum: 2", 1)
    texts["people.yaml"] = people.replace("    grant: {minutes: 30, most: 3}\n", "")


async def clicks_logged(world: World, proposal: Proposal) -> list[object]:
    entries = await world.events(
        proposal.task_id, "task.click_received", "task.click_refused"
    )
    return [entry["code"] for entry in entries]


async def test_an_approval_lets_it_run(world: World) -> None:
    """One approver's click: approved, executing, an answer and the ledger's entry."""
    proposal = await world.shown()
    answer = await world.click(proposal, comment="go on")
    [entry] = await world.events(proposal.task_id, "task.approved")

    assert "approved" == answer.code
    assert ("approved", "executing") == await states(world, proposal)
    assert (["operator"], proposal.digest) == (entry["people"], entry["digest"])
    assert ["Approved. It runs now."] == await world.answers()
    assert ["approved"] == await clicks_logged(world, proposal)


async def test_an_approval_during_the_run_waits_for_its_end(world: World) -> None:
    """While the run goes on the proposal alone moves."""
    claims = await world.start()
    seen = await world.look(claims)
    made = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    proposal = await world.proposal(made.proposal_id)
    await world.click(proposal)

    assert ("approved", "running") == await states(world, proposal)


async def test_a_quorum_of_two_waits_for_the_second(world: World) -> None:
    """The first click is counted, the second lets it run."""
    strict = world.with_texts(two_must_agree)
    proposal = await strict.shown()
    first = await strict.click(proposal)
    between = await states(strict, proposal)
    second = await strict.click(proposal, user=SECOND)

    assert ("counted", "approved") == (first.code, second.code)
    assert ("needs_approval", "needs_approval") == between
    assert ("approved", "executing") == await states(strict, proposal)


async def test_nobody_counts_twice(world: World) -> None:
    """The same person's second click is no second approval."""
    strict = world.with_texts(two_must_agree)
    proposal = await strict.shown()
    await strict.click(proposal)
    again = await strict.click(proposal)

    assert "not_yours" == again.code
    assert "counted already" in again.text
    assert ("needs_approval", "needs_approval") == await states(strict, proposal)


async def test_a_rejection_for_good_completes(world: World) -> None:
    """The last open proposal rejected, no plan asked: the task is done."""
    proposal = await world.shown()
    answer = await world.click(proposal, verdict="reject", comment="not the cause")
    now = await world.proposal(proposal.id)
    [entry] = await world.events(proposal.task_id, "task.rejected")

    assert "rejected" == answer.code
    assert ("rejected", "completed") == await states(world, proposal)
    assert ("operator", "not the cause") == (now.closed_by, now.closed_reason)
    assert "not the cause" == entry["comment"]


async def test_a_rejection_may_ask_for_another_plan(world: World) -> None:
    """The task is queued again, with its plan counted."""
    proposal = await world.shown()
    await world.click(proposal, verdict="reject", new_plan=True)

    assert ("rejected", "queued") == await states(world, proposal)
    assert 2 == (await world.task(proposal.task_id)).plan


async def test_the_third_plan_rejected_goes_to_a_person(world: World) -> None:
    """Plans spent: the wish for a fourth escalates."""
    proposal = await world.shown()
    await world.database_change(
        "UPDATE tasks SET plan = 3 WHERE id = :id", id=proposal.task_id
    )
    answer = await world.click(proposal, verdict="reject", new_plan=True)

    assert ("rejected", "escalated_to_human") == await states(world, proposal)
    assert "No other plan is made: the task had as many as it may" in answer.text


async def test_a_rejection_beside_an_open_card_changes_no_task(world: World) -> None:
    """While another proposal waits, so does the task."""
    claims = await world.start()
    other = await world.propose(claims, **THROTTLE)
    proposal = await world.shown(claims)
    answer = await world.click(proposal, verdict="reject", new_plan=True)

    assert ("rejected", "needs_approval") == await states(world, proposal)
    assert "while other cards of its task wait" in answer.text
    assert "needs_approval" == (await world.proposal(other.proposal_id)).state


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_a_late_click_does_nothing(world: World, verdict: str) -> None:
    """Past its time a card is expired, sweeper or not."""
    proposal = await world.shown()
    world.database.clock.move(seconds=timedelta(hours=24).total_seconds())
    answer = await world.click(proposal, verdict=verdict)

    assert "expired" == answer.code
    assert ("needs_approval", "needs_approval") == await states(world, proposal)
    assert ["expired"] == await clicks_logged(world, proposal)
    assert 1 == len(await world.answers())


async def test_a_click_delivered_twice_counts_once(world: World) -> None:
    """The same inbox row is settled once; the repeat is told so and leaves no row."""
    proposal = await world.shown()
    request = await world.request(proposal)
    first = await deciding.decide(world.gate, request)
    again = await deciding.decide(world.gate, request)

    assert ("approved", "repeated") == (first.code, again.code)
    assert ["approved"] == await clicks_logged(world, proposal)
    assert 1 == len(await world.answers())


async def test_the_second_of_two_people_is_told(world: World) -> None:
    """Who comes late learns what stands, and the task runs once."""
    proposal = await world.shown()
    await world.click(proposal)
    second = await world.click(proposal, user=SECOND, verdict="reject")

    assert "already_decided" == second.code
    assert ("approved", "executing") == await states(world, proposal)
    assert ["approved", "already_decided"] == await clicks_logged(world, proposal)


async def test_twenty_clicks_at_once_approve_once(world: World) -> None:
    """One moves it; every click has its answer and its ledger row."""
    proposal = await world.shown()
    users = [OPERATOR, SECOND] * 10
    requests = [await world.request(proposal, user=user) for user in users]
    answers = await asyncio.gather(
        *(deciding.decide(world.gate, request) for request in requests)
    )
    codes = sorted(one.code for one in answers)

    assert ["already_decided"] * 19 + ["approved"] == codes
    assert codes == sorted(str(c) for c in await clicks_logged(world, proposal))
    assert 20 == len(await world.answers())
    assert 1 == len(await world.events(proposal.task_id, "task.approved"))
    assert ("approved", "executing") == await states(world, proposal)


@pytest.mark.parametrize("verdict", ["approve", "reject", "edit"])
@pytest.mark.parametrize(
    ("user", "code"), [(GUEST, "not_yours"), ("U0NOBODY", "unknown_person")]
)
async def test_who_may_not_decide_changes_nothing(
    world: World, user: str, code: str, verdict: str
) -> None:
    """A guest and a stranger get an answer, and the card stays as it is."""
    proposal = await world.shown()
    params = {**dict(proposal.params), "rollout_percent": 1}
    answer = await world.click(proposal, user=user, verdict=verdict, params=params)

    assert code == answer.code
    assert ("needs_approval", "needs_approval") == await states(world, proposal)
    assert [code] == await clicks_logged(world, proposal)
    assert 1 == len(await world.answers())


async def test_a_superseded_card_points_to_the_newer_one(world: World) -> None:
    """A click on the old revision decides nothing."""
    proposal = await world.shown()
    params = {**dict(proposal.params), "rollout_percent": 10, "enabled": True}
    await world.click(proposal, verdict="edit", params=params)
    answer = await world.click(proposal, user=SECOND)

    assert "superseded" == answer.code
    assert "replaced by operator" in answer.text
    assert "needs_approval" == await world.state(proposal.task_id)


async def test_a_stale_digest_is_refused(world: World) -> None:
    """What the person saw is not what would run."""
    proposal = await world.shown()
    answer = await world.click(proposal, digest="0" * 64)

    assert "stale_digest" == answer.code
    assert ("needs_approval", "needs_approval") == await states(world, proposal)


async def test_a_freeze_stops_approvals_alone(world: World) -> None:
    """Under a freeze one may reject; an approval is told who froze and why."""
    proposal = await world.shown()
    await world.freeze(frozen=True)
    approval = await world.click(proposal)
    rejection = await world.click(proposal, verdict="reject")

    assert ("frozen", "rejected") == (approval.code, rejection.code)
    assert "release day" in approval.text
    assert ("rejected", "completed") == await states(world, proposal)


async def test_a_draft_is_not_approved(world: World) -> None:
    """What policy leaves to people has no approval."""
    proposal = await world.shown()
    await world.database_change(
        "UPDATE proposals SET state = 'drafted' WHERE id = :id", id=proposal.id
    )

    assert "already_decided" == (await world.click(proposal)).code


async def test_a_withdrawn_card_says_so(world: World) -> None:
    """After the task was taken over its cards decide nothing."""
    proposal = await world.shown()
    await world.move(proposal.task_id, TaskEvent.taken_over)
    answer = await world.click(proposal)

    assert "already_decided" == answer.code
    assert "withdrawn" in answer.text


async def test_an_unknown_proposal_is_refused(world: World) -> None:
    """No row here, no decision: the caller settles the click."""
    proposal = await world.shown()

    with pytest.raises(RefusedCall, match="not known here"):
        await world.click(proposal, proposal_id=str(uuid4()))


async def test_another_environments_proposal_is_refused(world: World) -> None:
    """A gateway decides on its own environment alone."""
    proposal = await world.shown()
    dev = world.at("dev")

    with pytest.raises(RefusedCall, match="serves dev alone"):
        await dev.click(proposal)


async def test_votes_keep_what_was_seen(world: World) -> None:
    """The approval row names person, digest, words and the click behind it."""
    proposal = await world.shown()
    request = await world.request(proposal, comment="go")
    await deciding.decide(world.gate, request)
    [row] = await world.rows("SELECT * FROM approvals")

    assert ("operator", proposal.digest, "go", request.inbox_id) == (
        row["person"],
        row["digest"],
        row["comment"],
        row["inbox_id"],
    )


async def test_nothing_is_approved_of_a_task_that_is_being_taken_over(
    world: World,
) -> None:
    """It would be withdrawn as soon as the action that runs has ended."""
    proposal = await world.shown()
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'second', state = 'executing' WHERE id = :id",
        id=proposal.task_id,
    )
    answer = await world.click(proposal)

    assert "taken_over" == answer.code
    assert "Nothing was approved" in answer.text
    assert "needs_approval" == (await world.proposal(proposal.id)).state


async def test_how_long_a_card_was_shown_is_measured(world: World) -> None:
    """From the courier's confirmation to the click: in the ledger, and on the card."""
    proposal = await world.shown()
    await world.database_change(
        "UPDATE proposals SET expires_at = :at WHERE id = :id",
        at=world.database.clock() + timedelta(seconds=1800),
        id=proposal.id,
    )
    world.database.clock.move(seconds=2)
    await world.click(await world.proposal(proposal.id))
    [told] = await world.events(proposal.task_id, "task.click_received")
    [row] = await world.rows(
        "SELECT payload FROM outbox WHERE kind = 'card' ORDER BY version DESC LIMIT 1"
    )

    assert 2.0 == told["seconds_shown"]
    assert [2.0] == [vote["after_seconds"] for vote in row["payload"]["votes"]]


def _line_up(texts: dict[str, str]) -> None:
    texts["people.yaml"] = texts["people.yaml"].replace(
        "roles: []", "roles: [duty-manager]"
    )


async def test_the_next_role_decides_once_nobody_has(world: World) -> None:
    """Not before; what they approve runs."""
    world = world.with_texts(_line_up)
    proposal = await world.shown()
    early = await world.click(proposal, user=GUEST)
    async with world.database("worker").transaction(world.scope, Step.sweep) as tx:
        assert await proposals.escalate(tx, proposal)
        assert not await proposals.escalate(tx, proposal)
    late = await world.click(proposal, user=GUEST)
    ran = await world.advance(proposal.task_id)

    assert ("not_yours", "approved") == (early.code, late.code)
    assert ("duty-manager",) == proposal.next_roles
    assert {"U0SECOND", GUEST} == set(proposal.next_people)
    assert "verifying" == ran.code
