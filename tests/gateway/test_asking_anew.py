"""What may not begin without people is asked anew: a card, its time, its reason."""

from gateway.assessment import digest_of
from orchestrator.withdrawing import withdraw
from policy.lifecycle import TaskEvent
from policy.proposal import ProposalState
from storage import proposals
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.test_granting import asked, granted
from tests.gateway.world import OPERATOR, SECOND, World


async def sent_back(world: World) -> Proposal:
    """Let a grant end between a proposal and its beginning."""
    _, live = await granted(world)
    proposal = await asked(world, people=("U0ONCALL",))
    async with world.database("courier").transaction(
        world.scope, Step.message_sent
    ) as tx:
        await proposals.keep_delivery(tx, proposal.id)
    await world.move(proposal.task_id, TaskEvent.run_found_executable)
    await withdraw(world.database("web"), world.scope, live.id, by="second")
    ran = await world.advance(proposal.task_id)
    assert "lapsed" == ran.code
    return await world.proposal(proposal.id)


async def newest(world: World, kind: str, proposal: Proposal) -> dict[str, object]:
    rows = await world.rows(
        "SELECT payload FROM outbox WHERE kind = :kind AND payload->>'proposal_id'"
        " = :id ORDER BY version DESC, created_at DESC",
        kind=kind,
        id=str(proposal.id),
    )
    payload: dict[str, object] = rows[0]["payload"]
    return payload


async def test_it_has_the_time_of_a_card(world: World) -> None:
    """Half an hour from when it is shown, and not a day; its digest says so."""
    proposal = await sent_back(world)

    assert ProposalState.needs_approval is proposal.state
    assert (1800, None) == (proposal.expires_in_seconds, proposal.expires_at)
    assert proposal.asked_at is not None
    assert not proposal.rule.startswith("grant:")
    task = await world.task(proposal.task_id)
    assert digest_of(task, proposal) == proposal.digest
    assert "L1" == task.level


async def test_the_thread_says_why_to_its_people(world: World) -> None:
    proposal = await sent_back(world)
    said = await newest(world, "reminder", proposal)
    [told] = await world.events(proposal.task_id, "task.asked_anew")

    assert ["U0ONCALL"] == said["people"]
    assert "holds no more" in str(said["asked_anew"])
    assert (proposal.digest, []) == (told["digest"], told["voided"])


async def test_why_is_answered_by_the_verdict_that_asks(world: World) -> None:
    """Not by the one that let it run."""
    proposal = await sent_back(world)
    [row] = await world.rows(
        "SELECT verdict, phase FROM decisions WHERE id = :id", id=proposal.decision_id
    )

    assert ("require_approval", "execute") == (row["verdict"], row["phase"])


async def test_once_approved_it_runs(world: World) -> None:
    proposal = await sent_back(world)
    answer = await world.click(proposal)
    ran = await world.advance(proposal.task_id)

    assert ("approved", "verifying") == (answer.code, ran.code)


async def test_who_had_voted_may_vote_again_and_is_told(world: World) -> None:
    """Their vote was on what no longer stands."""
    before = await world.approved()
    stricter = world.with_texts(_two_approve)
    await stricter.advance(before.task_id)
    proposal = await world.proposal(before.id)
    first = await stricter.click(proposal)
    second = await stricter.click(proposal, user=SECOND)
    said = await newest(world, "reminder", proposal)

    assert (2, "counted") == (proposal.quorum, first.code)
    assert "approved" == second.code
    assert [OPERATOR] == said["people"]
    rows = await world.rows("SELECT void FROM approvals ORDER BY created_at")
    assert [True, False, False] == [row["void"] for row in rows]


async def test_a_click_on_the_card_before_counts_for_nothing(world: World) -> None:
    """The same params and time to decide; the new card asks two, the old one one."""
    before = await world.approved()
    stricter = world.with_texts(_two_approve)
    await stricter.advance(before.task_id)
    proposal = await world.proposal(before.id)
    late = await stricter.click(before, user=SECOND)
    granted = await stricter.click(proposal, verdict="grant")

    assert (2, before.expires_in_seconds) == (
        proposal.quorum,
        proposal.expires_in_seconds,
    )
    assert proposal.digest != before.digest
    assert ("stale_digest", "out_of_bounds") == (late.code, granted.code)
    assert proposal.grant_offer is None


def _two_approve(texts: dict[str, str]) -> None:
    one = texts["people.yaml"].split("- id: two-approve", 1)
    rest = one[0].replace("quorum: 1", "quorum: 2", 1)
    rest = rest.replace("    grant: {minutes: 30, most: 3}\n", "")
    texts["people.yaml"] = "- id: two-approve".join([rest, one[1]])
