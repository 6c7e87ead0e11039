"""Edits: a new revision with its diff, through policy again, and no approval."""

from dataclasses import replace

import pytest

from gateway import deciding
from policy.lifecycle import TaskEvent
from storage.proposals import Proposal
from tests.gateway.outside import FLAG, ROUTE, SERVICE
from tests.gateway.steps import states
from tests.gateway.test_deciding import two_must_agree
from tests.gateway.world import FLAG_OFF, SECOND, World
from wire.control import DecisionAnswer

TENTH = {"flag_key": FLAG, "enabled": True, "rollout_percent": 10}


async def edited(world: World, proposal: Proposal, **changes: object) -> Proposal:
    """Edit, and give the newest revision."""
    await world.click(proposal, verdict="edit", **{"params": TENTH, **changes})
    [row] = await world.rows(
        "SELECT id FROM proposals ORDER BY revision DESC, created_at DESC LIMIT 1"
    )
    return await world.proposal(row["id"])


async def edited_to_cited(world: World) -> tuple[DecisionAnswer, Proposal]:
    """Edit a card that asks for its uncited target alone: the answer, the new card."""
    claims = await world.start()
    look = await world.look(claims)
    flags = world.outside.flags.flags
    flags["dark_mode"] = replace(flags[FLAG], key="dark_mode")
    made = await world.propose(
        claims,
        params={**FLAG_OFF, "flag_key": "dark_mode"},
        evidence_ids=(look.evidence_id,),
    )
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    proposal = await world.proposal(made.proposal_id)
    said = await world.click(proposal, verdict="edit", params=FLAG_OFF)
    [row] = await world.rows("SELECT id FROM proposals WHERE supersedes IS NOT NULL")
    return said, await world.proposal(row["id"])


async def test_an_edit_makes_a_revision(world: World) -> None:
    """The new card names diff, editor and today's reach; the old one is replaced."""
    proposal = await world.shown()
    newer = await edited(world, proposal)

    assert (2, proposal.id, "operator") == (
        newer.revision,
        newer.supersedes,
        newer.edited_by,
    )
    assert {
        "enabled": {"before": False, "after": True},
        "rollout_percent": {"before": 0, "after": 10},
    } == newer.diff
    assert 1600 == newer.estimate["amount"]
    assert "superseded" == (await world.proposal(proposal.id)).state


async def test_an_edit_is_no_approval(world: World) -> None:
    """The new revision waits, and so does the task, under another digest."""
    proposal = await world.shown()
    newer = await edited(world, proposal)

    assert ("needs_approval", "needs_approval") == await states(world, newer)
    assert proposal.digest != newer.digest
    assert 0 == len(await world.rows("SELECT id FROM approvals"))


@pytest.mark.parametrize("environment", ["dev"])
async def test_an_edit_waits_where_policy_lets_agents_run(world: World) -> None:
    """What the edit mends of a card (here: its uncited target) approves nothing."""
    said, newer = await edited_to_cited(world)
    while_it_waits = await states(world, newer)

    assert "Edited. The new card waits for approval below." == said.text
    assert ("needs_approval", "needs_approval") == while_it_waits
    assert [] == await world.rows("SELECT 1 FROM executions")
    assert [] == await world.rows("SELECT 1 FROM approvals")
    await world.click(newer)
    assert "executing" == (await world.task(newer.task_id)).state


async def test_an_edited_card_is_shown(world: World) -> None:
    """Both cards stand in the outbox: the old one closed, the new one open."""
    newer = await edited(world, await world.shown())
    rows = await world.rows(
        "SELECT slot, payload FROM outbox WHERE kind = 'card' ORDER BY created_at, id"
    )
    shown = {row["slot"]: row["payload"]["state"] for row in rows}

    assert {
        f"proposal:{newer.supersedes}": "superseded",
        f"proposal:{newer.id}": "needs_approval",
    } == shown


async def test_an_edit_voids_what_was_approved(world: World) -> None:
    """The first of two approvals is void, its person named in the ledger."""
    strict = world.with_texts(two_must_agree)
    proposal = await strict.shown()
    await strict.click(proposal)
    newer = await edited(strict, proposal, user=SECOND)
    [entry] = await strict.events(proposal.task_id, "task.edited")
    [row] = await strict.rows("SELECT void FROM approvals")
    again = await strict.click(newer)

    assert ["operator"] == entry["voided"]
    assert row["void"]
    assert "counted" == again.code


async def test_an_editor_may_approve_their_own(world: World) -> None:
    """Where the rule lets requesters approve, the edited card runs after one click."""
    newer = await edited(world, await world.shown())

    assert "approved" == (await world.click(newer)).code


@pytest.mark.parametrize(
    "params",
    [
        {**TENTH, "rollout_percent": 101},
        {**TENTH, "flag_key": "Not A Flag"},
        {**TENTH, "more": 1},
        {"flag_key": FLAG},
        {**TENTH, "flag_key": "no_such_flag"},
        None,
    ],
)
async def test_an_edit_out_of_bounds_is_refused(
    world: World, params: dict[str, object] | None
) -> None:
    """What the schema or the system does not take changes nothing, and is answered."""
    proposal = await world.shown()
    answer = await world.click(proposal, verdict="edit", params=params)

    assert "out_of_bounds" == answer.code
    assert "needs_approval" == (await world.proposal(proposal.id)).state
    assert [answer.text] == await world.answers()
    assert 1 == len(await world.events(proposal.task_id, "task.click_refused"))


async def test_an_edit_that_policy_denies_is_refused(world: World) -> None:
    """Below prod's least throttle the card stays, with policy's own reason."""
    params = {"service": SERVICE, "route": ROUTE, "limit_rps": 450}
    proposal = await world.shown(tool="throttle_endpoint", params=params)
    answer = await world.click(
        proposal, verdict="edit", params={**params, "limit_rps": 49}
    )

    assert "out_of_bounds" == answer.code
    assert "50 requests" in answer.text
    assert "needs_approval" == (await world.proposal(proposal.id)).state


async def test_an_edit_that_changes_nothing_says_so(world: World) -> None:
    """The same values make no new card."""
    proposal = await world.shown()
    answer = await world.click(proposal, verdict="edit", params=dict(FLAG_OFF))

    assert "unchanged" == answer.code
    assert 1 == len(await world.rows("SELECT id FROM proposals"))


async def test_an_edit_to_what_stands_already_is_refused(world: World) -> None:
    """It would execute and tell nobody anything."""
    proposal = await world.shown()
    stands = {"flag_key": FLAG, "enabled": True, "rollout_percent": 50}
    answer = await world.click(proposal, verdict="edit", params=stands)

    assert "out_of_bounds" == answer.code
    assert "nothing to do" in answer.text


async def test_another_reason_code_is_a_change(world: World) -> None:
    """The reason is shown and hashed: changing it alone makes a new card."""
    proposal = await world.shown()
    newer = await edited(
        world, proposal, params=dict(FLAG_OFF), reason_code="planned_change"
    )

    assert "planned_change" == newer.reason_code
    assert {
        "reason_code": {"before": "incident_mitigation", "after": "planned_change"}
    } == newer.diff


async def test_an_unknown_reason_code_is_refused(world: World) -> None:
    """An edit takes a reason from the tool's list, as a proposal does."""
    proposal = await world.shown()
    answer = await world.click(
        proposal, verdict="edit", params=TENTH, reason_code="because"
    )

    assert "out_of_bounds" == answer.code


async def test_an_edit_after_approval_is_refused(world: World) -> None:
    """Once the quorum stands there is nothing to edit."""
    proposal = await world.approved()
    answer = await world.click(proposal, verdict="edit", params=TENTH)

    assert "already_decided" == answer.code
    assert "executing" == await world.state(proposal.task_id)


async def test_two_edits_at_once_make_one_revision(world: World) -> None:
    """The second editor is told that the card was replaced."""
    proposal = await world.shown()
    fields = {"verdict": "edit", "params": TENTH}
    requests = [
        await world.request(proposal, **fields),
        await world.request(proposal, user=SECOND, **fields),
    ]
    answers = [await deciding.decide(world.gate, one) for one in requests]

    assert ["edited", "superseded"] == [one.code for one in answers]
    assert 2 == len(await world.rows("SELECT id FROM proposals"))


async def test_an_edit_sets_nothing_that_marks_an_undo(world: World) -> None:
    """It would restore what nobody saw, under a card that shows a figure."""
    proposal = await world.shown()
    params = {**TENTH, "former": "{}"}
    answer = await world.click(proposal, verdict="edit", params=params)

    assert "out_of_bounds" == answer.code
    assert "former is set by an undo alone" in answer.text
    assert 1 == len(await world.rows("SELECT id FROM proposals"))


def nobody_for_themselves(texts: dict[str, str]) -> None:
    own = "requester_may_approve: true"
    assert own in texts["people.yaml"]
    texts["people.yaml"] = texts["people.yaml"].replace(own, own[:-4] + "false")


async def test_the_opener_does_not_approve_what_another_edited(world: World) -> None:
    """Told at the click, and not once it was to run."""
    strict = world.with_texts(nobody_for_themselves)
    proposal = await strict.shown(await strict.start(opened_by="operator"))
    newer = await edited(strict, proposal, user=SECOND)
    by_opener = await strict.click(newer)
    by_editor = await strict.click(newer, user=SECOND)

    assert ("not_yours", "not_yours") == (by_opener.code, by_editor.code)
