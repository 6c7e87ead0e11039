"""Grants through the gateway: given with an approval, used, counted, over."""

import pytest

from orchestrator.withdrawing import withdraw
from policy.lifecycle import TaskEvent
from policy.proposal import ProposalState
from storage import overrides
from storage.overrides import Override
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.outside import SERVICE
from tests.gateway.world import GUEST, SECOND, World


async def granted(world: World) -> tuple[Proposal, Override]:
    """Have a card approved with leave for the same; it is not executed."""
    proposal = await world.shown()
    answer = await world.click(proposal, verdict="grant")
    assert answer.code == "approved", answer
    [live] = await list_live(world)
    return proposal, live


async def list_live(world: World) -> list[Override]:
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        return list(await overrides.list_live(tx))


async def asked(world: World, **changes: object) -> Proposal:
    """Propose the same in a task of its own."""
    claims = await world.start(**changes)
    seen = await world.look(claims)
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    return await world.proposal(answer.proposal_id)


async def test_a_card_offers_what_its_rule_allows(world: World) -> None:
    """On the one service that it touches; bound to the digest."""
    proposal = await world.shown()

    assert {
        "minutes": 30,
        "most": 3,
        "service": SERVICE,
        "most_risk": proposal.risk,
    } == proposal.grant_offer


async def test_an_approval_may_grant_the_same(world: World) -> None:
    """Row, ledger, root and answer say what, for how long, how often."""
    proposal, live = await granted(world)
    [told] = await world.events(proposal.task_id, "task.autonomy_granted")
    [said] = await world.answers()

    assert ("operator", proposal.tool, SERVICE, 3) == (
        live.person,
        live.tool,
        live.service,
        live.left,
    )
    assert 1800 == (live.expires_at - live.created_at).total_seconds()
    assert (str(live.id), SERVICE, 3) == (told["grant"], told["service"], told["most"])
    assert f"grant {live.short_id}" in said
    assert f"grant {live.short_id}" in (await world.task(proposal.task_id)).level
    assert 1 == len(await world.events(proposal.task_id, "task.approved"))


async def test_the_next_of_its_kind_is_not_asked_about(world: World) -> None:
    """Its decision cites the grant; what begins is counted with it, once."""
    _, live = await granted(world)
    proposal = await asked(world)
    before = await list_live(world)
    await world.move(proposal.task_id, TaskEvent.run_found_executable)
    ran = await world.advance(proposal.task_id)
    [used] = await world.events(proposal.task_id, "task.autonomy_used")
    [begun] = await world.events(proposal.task_id, "task.execution_begun")
    [after] = await list_live(world)

    assert (ProposalState.approved, f"grant:{live.id}") == (
        proposal.state,
        proposal.rule,
    )
    assert [3] == [one.left for one in before]
    assert "verifying" == ran.code
    assert (2, [str(proposal.id)]) == (after.left, list(after.used_by))
    assert (str(live.id), "operator", 2) == (
        used["grant"],
        used["person"],
        used["left"],
    )
    assert str(live.id) in str(begun["rule"])


async def test_what_was_withdrawn_asks_again_at_execution(world: World) -> None:
    """Though it was allowed when it was proposed."""
    origin, live = await granted(world)
    proposal = await asked(world)
    await world.move(proposal.task_id, TaskEvent.run_found_executable)
    said = await withdraw(world.database("web"), world.scope, live.id, by="second")
    again = await withdraw(world.database("web"), world.scope, live.id, by="second")
    ran = await world.advance(proposal.task_id)

    assert "is withdrawn" in said
    assert "had ended before" in again
    assert 1 == len(await world.events(origin.task_id, "task.autonomy_withdrawn"))
    assert "lapsed" == ran.code
    assert ProposalState.needs_approval is (await world.proposal(proposal.id)).state


async def test_what_is_spent_asks_again(world: World) -> None:
    _, live = await granted(world)
    await world.database_change(
        "UPDATE autonomy_overrides SET used_by = :used",
        used='["a", "b", "c"]',
    )
    proposal = await asked(world)

    assert ProposalState.needs_approval is proposal.state
    assert not proposal.rule.startswith("grant:")
    assert live.left > 0


@pytest.mark.parametrize("changes", [{"service": "feed"}, {"kind": "safety"}])
async def test_another_service_or_kind_asks(
    world: World, changes: dict[str, object]
) -> None:
    """A grant is for the same alone."""
    await granted(world)
    proposal = await asked(world, **changes)

    assert ProposalState.needs_approval is proposal.state


async def test_what_is_riskier_asks(world: World) -> None:
    """A grant is for what was seen: the same tool may do worse on the same service."""
    proposal, _ = await granted(world)
    await world.database_change(
        "UPDATE autonomy_overrides SET most_risk = :most", most=proposal.risk - 1
    )
    other = await asked(world)

    assert ProposalState.needs_approval is other.state


async def test_who_may_not_approve_grants_nothing(world: World) -> None:
    proposal = await world.shown()
    answer = await world.click(proposal, user=GUEST, verdict="grant")

    assert ("not_yours", []) == (answer.code, await list_live(world))


async def test_without_an_offer_nothing_is_approved(world: World) -> None:
    """The rule was changed since: the card's button says so."""
    proposal = await world.shown()

    def take_out(texts: dict[str, str]) -> None:
        texts["people.yaml"] = texts["people.yaml"].replace(
            "    grant: {minutes: 30, most: 3}\n", ""
        )

    answer = await world.with_texts(take_out).click(proposal, verdict="grant")

    assert ("out_of_bounds", []) == (answer.code, await list_live(world))
    assert ProposalState.needs_approval is (await world.proposal(proposal.id)).state


async def test_what_a_guard_asks_about_is_not_offered(world: World) -> None:
    """It would ask again all the same."""
    claims = await world.start()
    answer = await world.propose(claims)

    assert (await world.proposal(answer.proposal_id)).grant_offer is None


async def test_an_edit_uses_no_grant(world: World) -> None:
    """It is somebody's own wish: it waits for approval."""
    other = await world.shown()
    await granted(world)
    answer = await world.click(
        other,
        user=SECOND,
        verdict="edit",
        params={**other.params, "rollout_percent": 5, "enabled": True},
        reason_code=other.reason_code,
    )

    assert "edited" == answer.code
    rows = await world.rows("SELECT state FROM proposals WHERE edited_by IS NOT NULL")
    assert ["needs_approval"] == [row["state"] for row in rows]
