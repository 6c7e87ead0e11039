"""What may not begin without people is asked anew: a card, its time, its reason."""

from gateway import paging
from gateway.assessment import digest_of
from orchestrator import sweeper
from orchestrator.withdrawing import withdraw
from policy.lifecycle import TaskEvent
from policy.proposal import ProposalState
from storage import posts, proposals
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.test_granting import asked, granted
from tests.gateway.test_paging import FakePager, pager, request_for
from tests.gateway.world import OPERATOR, SECOND, World
from wire.control import PageRequest

__all__ = ["pager"]


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


async def _leave(world: World, left: float) -> None:
    """Leave such a part of each card's time, and look at what is due."""
    await world.database_change(
        "UPDATE proposals SET expires_at = clock_timestamp()"
        " + make_interval(secs => expires_in_seconds * :left)",
        left=left,
    )
    for _ in range(2):
        await sweeper.sweep(world.database("worker"))


async def _slots(world: World, kind: str) -> list[str]:
    rows = await world.rows(
        "SELECT slot FROM outbox WHERE kind = :kind ORDER BY created_at", kind=kind
    )
    return [row["slot"] for row in rows]


async def _requests(world: World, kind: str) -> list[PageRequest]:
    rows = await world.rows(
        "SELECT id FROM outbox WHERE kind = :kind ORDER BY created_at", kind=kind
    )
    return [request_for(world, row["id"]) for row in rows]


async def _paged_and_sent_back(world: World) -> Proposal:
    """Have one that nobody answered until its page, approved then, and sent back."""
    shown = await world.shown()
    await _leave(world, 0.2)
    [page] = await _requests(world, "page")
    await paging.page(world.gate, page)
    assert "approved" == (await world.click(shown)).code
    world.database.clock.move(seconds=1)
    await world.with_texts(_two_approve).advance(shown.task_id)
    return await world.proposal(shown.id)


async def test_one_that_nobody_answers_again_is_paged_again(
    world: World, pager: FakePager
) -> None:
    """Reminded of, passed on and paged as at first: what was said before is over."""
    proposal = await _paged_and_sent_back(world)
    said = await _slots(world, "reminder")
    await _leave(world, 0.45)
    reminded = await _slots(world, "reminder")
    await _leave(world, 0.35)
    passed_on = await _slots(world, "reminder")
    await _leave(world, 0.2)
    pages = await _slots(world, "page")
    for request in await _requests(world, "page"):
        await paging.page(world.gate, request)

    place = f"{proposal.id}:{proposal.digest[:16]}"
    assert {f"reminder:{place}"} == set(reminded) - set(said)
    assert {f"escalation:{place}"} == set(passed_on) - set(reminded)
    assert {f"page:{proposal.id}", f"page:{place}"} == set(pages)
    assert 2 == len({page.key for page in pager.pages})


async def test_the_page_before_ends_though_the_card_waits(
    world: World, pager: FakePager
) -> None:
    """Its incident is of what was approved; the new one stays until this is decided."""
    proposal = await _paged_and_sent_back(world)
    await _leave(world, 0.2)
    for kind in ("page", "page_over"):
        for request in await _requests(world, kind):
            await paging.page(world.gate, request)
    first, second = (page.key for page in pager.pages)
    before = list(pager.resolved)
    stricter = world.with_texts(_two_approve)
    for user in (OPERATOR, SECOND):
        await stricter.click(proposal, user=user)
    await sweeper.sweep(world.database("worker"))
    for request in await _requests(world, "page_over"):
        await paging.page(world.gate, request)

    assert [first] == before
    assert [first, second] == pager.resolved


async def test_a_page_that_waits_when_its_card_is_sent_back_calls_nobody(
    world: World, pager: FakePager
) -> None:
    """It was of the card before; the new one has its time first."""
    shown = await world.shown()
    await _leave(world, 0.2)
    [page] = await _requests(world, "page")
    await world.click(shown)
    await world.with_texts(_two_approve).advance(shown.task_id)
    answer = await paging.page(world.gate, page)

    assert "needs_approval" == (await world.proposal(shown.id)).state
    assert ("over", []) == (answer.code, pager.pages)


async def busy_sent_back(world: World, proposal: Proposal) -> str:
    """Let the busy guard ask, though the grant still holds; give what is said."""
    busy = world.with_texts(_any_write_asks)
    await world.move(proposal.task_id, TaskEvent.run_found_executable)
    await busy.advance(proposal.task_id)
    return str((await newest(world, "reminder", proposal))["asked_anew"])


async def test_a_grant_that_holds_is_not_said_to_be_over(world: World) -> None:
    """Something else asks, and the message that pings says what."""
    await granted(world)
    proposal = await asked(world, people=("U0ONCALL",))
    said = await busy_sent_back(world, proposal)
    now = await world.proposal(proposal.id)

    assert "holds no more" not in said
    assert "prod-asks" == now.rule


async def test_what_people_decide_beside_a_grant_is_not_its(world: World) -> None:
    """The card says who approved, and not that nobody was asked."""
    await granted(world)
    busy = world.with_texts(_any_write_asks)
    proposal = await asked(busy)
    await busy.click(proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        card = await posts.card_of(tx, await world.proposal(proposal.id))

    assert ("needs_approval", "prod-asks") == (proposal.state, proposal.rule)
    assert None is card["grant"]


async def test_a_muted_task_pings_nobody(world: World) -> None:
    """It is said in the thread all the same."""
    await granted(world)
    proposal = await asked(world, people=("U0ONCALL",))
    await world.database_change(
        "UPDATE tasks SET muted_by = 'operator' WHERE id = :id", id=proposal.task_id
    )
    await busy_sent_back(world, proposal)

    assert [] == (await newest(world, "reminder", proposal))["people"]


def _any_write_asks(texts: dict[str, str]) -> None:
    asks = "context.writes_last_hour >= 5"
    assert asks in texts["guards.cedar"]
    texts["guards.cedar"] = texts["guards.cedar"].replace(asks, asks[:-1] + "0")
