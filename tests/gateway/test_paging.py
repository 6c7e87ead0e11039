"""A page is sent until it is out, once, and told; nothing else depends on it."""

import asyncio
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from gateway import paging
from gateway.absent import absent_ports
from gateway.gate import RefusedCall
from gateway.ports import ConnectorError, NothingSent, OutcomeUnknown, Page, Refused
from orchestrator import sweeper
from policy.lifecycle import ProposalEvent
from policy.proposal import ProposalState
from storage import posts, proposals, tasks
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.world import World
from wire.control import PageRequest


@dataclass
class FakePager:
    """Raises what is to come, then takes every page if it ``calls``."""

    coming: list[Exception] = field(default_factory=list)
    calls: bool = True
    pages: list[Page] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    slow: asyncio.Event | None = None

    async def page(self, page: Page) -> bool:
        self.pages.append(page)
        return await self._answer()

    async def resolve(self, page: Page) -> bool:
        self.resolved.append(page.key)
        return await self._answer()

    async def _answer(self) -> bool:
        self.called.set()
        if self.slow is not None:
            await self.slow.wait()
        if self.coming:
            raise self.coming.pop(0)
        return self.calls


@pytest.fixture
def pager(world: World) -> FakePager:
    made = FakePager()
    world.gate = replace(world.gate, ports=replace(world.gate.ports, pager=made))
    return made


async def waiting(world: World) -> tuple[Proposal, PageRequest]:
    """Have a card for which a page waits."""
    proposal = await world.shown()
    async with world.database("worker").transaction(world.scope, Step.sweep) as tx:
        task = await tasks.get(tx, proposal.task_id, lock=True)
        assert await posts.post_page(tx, task, proposal, cause="nobody has decided")
        assert not await posts.post_page(tx, task, proposal, cause="once more")
    return proposal, await request_of(world, "page")


async def request_of(world: World, kind: str) -> PageRequest:
    rows = await world.rows("SELECT id, kind FROM outbox WHERE destination = 'page'")
    [row] = [one for one in rows if one["kind"] == kind]
    return request_for(world, row["id"])


async def decided(world: World) -> tuple[Proposal, PageRequest]:
    """Have a card whose page was sent, that is approved, and its page to end."""
    proposal, request = await waiting(world)
    await paging.page(world.gate, request)
    await world.click(proposal)
    await sweeper.sweep(world.database("worker"))
    return proposal, await request_of(world, "page_over")


def request_for(world: World, post_id: UUID) -> PageRequest:
    return PageRequest(
        tenant_id=world.scope.tenant_id,
        environment=world.scope.environment,
        post_id=str(post_id),
    )


async def state(world: World) -> str:
    [row] = await world.rows("SELECT state FROM outbox WHERE destination = 'page'")
    return str(row["state"])


async def reminders(world: World) -> list[str]:
    rows = await world.rows(
        "SELECT payload FROM outbox WHERE kind = 'reminder' ORDER BY version"
    )
    return [row["payload"]["paged"] for row in rows]


async def test_a_page_is_sent_once_and_told(world: World, pager: FakePager) -> None:
    """It says what is asked for, by whom and where; a second ask changes nothing."""
    proposal, request = await waiting(world)
    answers = [await paging.page(world.gate, request) for _ in range(2)]
    [page] = pager.pages
    [told] = await world.events(proposal.task_id, "task.paged")

    assert ["over", "over"] == [one.code for one in answers]
    assert f"ops-autopilot:{proposal.id}" == page.key
    assert "nobody has decided" in page.summary
    decide = paging.terminal_words(world.scope, str(proposal.id))
    assert decide == page.details["without Slack"]
    assert ("reliability-oncall", "prod") == (
        page.details["who may approve"],
        page.environment,
    )
    assert ("sent", True) == (await state(world), told["called"])
    [said] = await reminders(world)
    assert "The pager was called" in said


@pytest.mark.parametrize("error", [NothingSent("busy"), OutcomeUnknown("ReadTimeout")])
async def test_what_may_pass_is_sent_again_under_its_key(
    world: World, pager: FakePager, error: ConnectorError
) -> None:
    """A lost answer too: the key names one incident."""
    _, request = await waiting(world)
    pager.coming.append(error)
    first = await paging.page(world.gate, request)
    between = await state(world)
    early = await paging.page(world.gate, request)
    world.database.clock.move(seconds=first.retry_after_seconds)
    second = await paging.page(world.gate, request)

    assert ("waits", "pending", "waits") == (first.code, between, early.code)
    assert first.retry_after_seconds >= 5
    assert ("over", "sent") == (second.code, await state(world))
    assert 1 == len({page.key for page in pager.pages})


async def test_what_a_pager_refuses_is_over_with_its_reason(
    world: World, pager: FakePager
) -> None:
    """In the ledger; the card still waits for people."""
    proposal, request = await waiting(world)
    pager.coming.append(Refused("401 ann@example.org has no such key"))
    answer = await paging.page(world.gate, request)
    [told] = await world.events(proposal.task_id, "task.page_failed")

    assert ("over", "dead") == (answer.code, await state(world))
    assert "401" in str(told["error"])
    assert "ann@" not in str(told["error"])
    assert ProposalState.needs_approval is (await world.proposal(proposal.id)).state
    [said] = await reminders(world)
    assert "Nobody could be called" in said


async def test_a_pager_that_keeps_failing_is_given_up(
    world: World, pager: FakePager
) -> None:
    """After twenty tries; each waits longer than the one before."""
    proposal, request = await waiting(world)
    pager.coming += [NothingSent("down")] * paging.MOST_TRIES
    answers = []
    for _ in range(paging.MOST_TRIES):
        answers += [await paging.page(world.gate, request)]
        world.database.clock.move(seconds=answers[-1].retry_after_seconds)
    waits = [one.retry_after_seconds for one in answers[:-1]]

    assert waits == sorted(waits)
    assert 300 == waits[-1]
    assert ("over", "dead") == (answers[-1].code, await state(world))
    assert 1 == len(await world.events(proposal.task_id, "task.page_failed"))


async def test_without_a_pager_the_ledger_says_so(world: World) -> None:
    """And names where to add one."""
    world.gate = replace(
        world.gate, ports=replace(world.gate.ports, pager=absent_ports().pager)
    )
    proposal, request = await waiting(world)
    answer = await paging.page(world.gate, request)
    [told] = await world.events(proposal.task_id, "task.page_failed")

    assert ("over", "dead") == (answer.code, await state(world))
    assert "connectors.yaml" in str(told["error"])
    assert [] == await reminders(world)


async def test_what_is_too_mild_calls_nobody(world: World, pager: FakePager) -> None:
    """The ledger says that nobody was called, and the thread says nothing."""
    pager.calls = False
    proposal, request = await waiting(world)
    await paging.page(world.gate, request)
    [told] = await world.events(proposal.task_id, "task.paged")

    assert not told["called"]
    assert ("sent", []) == (await state(world), await reminders(world))


async def test_what_was_decided_meanwhile_calls_nobody(
    world: World, pager: FakePager
) -> None:
    """The page is over."""
    proposal, request = await waiting(world)
    async with world.database("gateway").transaction(world.scope, Step.decide) as tx:
        await tasks.get(tx, proposal.task_id, lock=True)
        await proposals.move(
            tx, proposal, ProposalEvent.rejected, by="ann", reason="no"
        )
    answer = await paging.page(world.gate, request)

    assert ("over", [], "superseded") == (answer.code, pager.pages, await state(world))


async def test_another_environments_page_is_refused(
    world: World, pager: FakePager
) -> None:
    _, request = await waiting(world)
    with pytest.raises(RefusedCall) as caught:
        await paging.page(world.gate, request.model_copy(update={"environment": "dev"}))

    assert "other_environment" == caught.value.code
    assert [] == pager.pages


async def test_several_workers_call_once(world: World, pager: FakePager) -> None:
    """One call has the page; the others are told to come again, and find it over."""
    _, request = await waiting(world)
    pager.slow = asyncio.Event()
    first = asyncio.ensure_future(paging.page(world.gate, request))
    await pager.called.wait()
    others = [await paging.page(world.gate, request) for _ in range(2)]
    pager.slow.set()
    answers = [one.code for one in [*others, await first]]

    assert ["waits", "waits", "over"] == answers
    assert 1 == len(pager.pages)


async def test_who_died_with_a_page_leaves_it_to_the_next(
    world: World, pager: FakePager
) -> None:
    """After the time that a call takes at most."""
    _, request = await waiting(world)
    pager.slow = asyncio.Event()
    dying = asyncio.ensure_future(paging.page(world.gate, request))
    await pager.called.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    pager.slow = None
    early = await paging.page(world.gate, request)
    world.database.clock.move(seconds=early.retry_after_seconds)
    late = await paging.page(world.gate, request)

    assert ("waits", "over") == (early.code, late.code)
    assert "sent" == await state(world)


async def test_who_decides_while_it_is_sent_is_told_nothing_more(
    world: World, pager: FakePager
) -> None:
    """The ledger has the call; no other one takes the page for over meanwhile."""
    proposal, request = await waiting(world)
    pager.slow = asyncio.Event()
    sending = asyncio.ensure_future(paging.page(world.gate, request))
    await pager.called.wait()
    await world.click(proposal)
    other = await paging.page(world.gate, request)
    pager.slow.set()
    answer = await sending

    assert ("waits", "over") == (other.code, answer.code)
    assert 1 == len(await world.events(proposal.task_id, "task.paged"))
    assert [] == await reminders(world)


async def test_of_what_was_muted_nobody_is_called(
    world: World, pager: FakePager
) -> None:
    """Also while it waits to be tried again."""
    _, request = await waiting(world)
    await world.database_change("UPDATE tasks SET muted_by = 'ann'")
    answer = await paging.page(world.gate, request)

    assert ("over", [], "superseded") == (answer.code, pager.pages, await state(world))


async def test_a_page_whose_calls_never_end_is_given_up(
    world: World, pager: FakePager
) -> None:
    """Whatever fault ends them each time."""
    proposal, request = await waiting(world)
    await world.database_change(
        "UPDATE outbox SET attempts = :most WHERE destination = 'page'",
        most=paging.MOST_TRIES,
    )
    answer = await paging.page(world.gate, request)

    assert ("over", [], "dead") == (answer.code, pager.pages, await state(world))
    assert 1 == len(await world.events(proposal.task_id, "task.page_failed"))


async def test_a_decided_card_ends_its_page(world: World, pager: FakePager) -> None:
    """By the same key, once, whoever asks; in the ledger, without a word to people."""
    proposal, request = await decided(world)
    await sweeper.sweep(world.database("worker"))
    answers = [await paging.page(world.gate, request) for _ in range(2)]

    assert [pager.pages[0].key] == pager.resolved
    assert ["over", "over"] == [one.code for one in answers]
    assert 1 == len(await world.events(proposal.task_id, "task.page_resolved"))


async def test_an_end_whose_answer_was_lost_is_sent_again(
    world: World, pager: FakePager
) -> None:
    """Under the same key: it ends one incident."""
    _, request = await decided(world)
    pager.coming.append(OutcomeUnknown("ReadTimeout"))
    first = await paging.page(world.gate, request)
    world.database.clock.move(seconds=first.retry_after_seconds)
    second = await paging.page(world.gate, request)

    assert ("waits", "over") == (first.code, second.code)
    assert 2 == len(pager.resolved)
    assert 1 == len(set(pager.resolved))


async def test_an_end_that_is_refused_is_told(world: World, pager: FakePager) -> None:
    """Somebody is still called: a person has to end it there."""
    proposal, request = await decided(world)
    pager.coming.append(Refused("403 no"))
    await paging.page(world.gate, request)
    [told] = await world.events(proposal.task_id, "task.page_failed")

    assert told["resolving"]
    assert "Resolve it there by hand" in (await reminders(world))[-1]


async def test_a_page_that_called_nobody_has_no_end(
    world: World, pager: FakePager
) -> None:
    """What was decided before the first call was let go."""
    proposal, request = await waiting(world)
    await world.click(proposal)
    await paging.page(world.gate, request)
    await sweeper.sweep(world.database("worker"))

    assert [] == pager.pages
    assert [] == await world.rows("SELECT id FROM outbox WHERE kind = 'page_over'")


async def test_a_page_under_way_is_ended_after_it(
    world: World, pager: FakePager
) -> None:
    """No end overtakes the call that it ends."""
    proposal, request = await waiting(world)
    pager.slow = asyncio.Event()
    sending = asyncio.ensure_future(paging.page(world.gate, request))
    await pager.called.wait()
    await world.click(proposal)
    await sweeper.sweep(world.database("worker"))
    early = await world.rows("SELECT id FROM outbox WHERE kind = 'page_over'")
    pager.slow.set()
    await sending
    await sweeper.sweep(world.database("worker"))
    await paging.page(world.gate, await request_of(world, "page_over"))

    assert [] == early
    assert [pager.pages[0].key] == pager.resolved
