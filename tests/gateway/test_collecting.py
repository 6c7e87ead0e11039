"""Edits and rejections become cases: once each, with placeholders for people."""

import asyncio

import pytest

from gateway import deciding
from tests.database import ADMIN
from tests.faults import KillAt, Killed
from tests.gateway.canaries import Canary, tables_with
from tests.gateway.test_editing import TENTH, edited
from tests.gateway.world import GUEST, SECOND, World

# Of these tests alone: others look for theirs in the same tables.
CANARY = Canary(907)
CASES = "SELECT * FROM eval_cases ORDER BY id"


async def test_a_rejection_is_a_case(world: World) -> None:
    """Whose proposal, what it was, on which evidence, and what was said of it."""
    proposal = await world.shown()
    await world.click(
        proposal,
        verdict="reject",
        reason_code="wrong_cause",
        comment="it was the database",
        new_plan=True,
    )
    [case] = await world.rows(CASES)
    [seen] = await world.rows("SELECT id, tool, digest FROM evidence")

    assert ("rejected", proposal.id, proposal.task_id) == (
        case["kind"],
        case["proposal_id"],
        case["task_id"],
    )
    assert proposal.proposed_by == f"agent {case['agent']} {case['agent_version']}"
    assert ("toggle_feature_flag", 1, proposal.params) == (
        case["tool"],
        case["revision"],
        case["params"],
    )
    assert ("incident_mitigation", "wrong_cause", "it was the database", True) == (
        case["proposed_reason_code"],
        case["reason_code"],
        case["comment"],
        case["new_plan"],
    )
    assert [{**seen, "id": str(seen["id"])}] == case["cited"]
    assert (None, None) == (case["edited_params"], case["diff"])


async def test_an_edit_is_a_case(world: World) -> None:
    """What a person made of the params stands beside what was proposed."""
    proposal = await world.shown()
    newer = await edited(world, proposal, comment="a tenth is enough")
    [case] = await world.rows(CASES)

    assert ("edited", proposal.id, proposal.params, newer.params) == (
        case["kind"],
        case["proposal_id"],
        case["params"],
        case["edited_params"],
    )
    assert (newer.diff, "a tenth is enough") == (case["diff"], case["comment"])
    assert not case["new_plan"]


async def test_an_edit_that_is_rejected_is_a_case_of_its_own(world: World) -> None:
    """Its revision says that the params were not the agent's any more."""
    newer = await edited(world, await world.shown())
    await world.click(newer, verdict="reject", user=SECOND)
    cases = await world.rows(CASES)

    assert {("edited", 1), ("rejected", 2)} == {
        (case["kind"], case["revision"]) for case in cases
    }


@pytest.mark.parametrize("verdict", ["reject", "edit"])
async def test_a_repeated_click_makes_no_second_case(
    world: World, verdict: str
) -> None:
    """Neither one delivered again, nor another one's, however close they come."""
    proposal = await world.shown()
    changes = {"verdict": verdict, "params": TENTH}
    first = await world.request(proposal, **changes)
    others = [await world.request(proposal, user=SECOND, **changes) for _ in range(3)]
    await asyncio.gather(
        *(deciding.decide(world.gate, one) for one in (first, first, *others))
    )

    assert 1 == len(await world.rows(CASES))


@pytest.mark.parametrize("verdict", ["reject", "edit"])
async def test_a_case_stands_and_falls_with_its_decision(
    world: World, verdict: str
) -> None:
    """A gateway that dies before the commit leaves none; the retry makes it."""
    proposal = await world.shown()
    request = await world.request(proposal, verdict=verdict, params=TENTH)
    dying = world.killed_at(KillAt("before:decide"))
    with pytest.raises(Killed):
        await deciding.decide(dying.gate, request)
    before = await world.rows(CASES)
    await deciding.decide(world.gate, request)

    assert ([], 1) == (before, len(await world.rows(CASES)))


@pytest.mark.parametrize("verdict", ["reject", "edit", "approve"])
async def test_what_decides_nothing_is_no_case(world: World, verdict: str) -> None:
    """A guest's words teach no agent; an approval is none either."""
    proposal = await world.shown()
    await world.click(proposal, verdict=verdict, params=TENTH, user=GUEST)
    if verdict == "approve":
        await world.click(proposal)

    assert [] == await world.rows(CASES)


@pytest.mark.parametrize("verdict", ["reject", "edit"])
async def test_a_case_names_no_person(world: World, verdict: str) -> None:
    """What somebody wrote beside their decision is searched like any other text."""
    proposal = await world.shown()
    await world.click(
        proposal, verdict=verdict, params=TENTH, comment=f"ask {CANARY.mail} first"
    )
    [case] = await world.rows(CASES)
    leaks = tables_with(world.database.urls[ADMIN], CANARY.traces())

    assert "ask ⟨email:1⟩ first" == case["comment"]
    assert "eval_cases" not in leaks
