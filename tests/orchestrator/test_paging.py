"""Pages go to the gateway, which says when to come again; who is paged, and once."""

from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import psycopg
import pytest

from gateway.client import GatewayAway, GatewayClient
from orchestrator import sweeper
from orchestrator.paging import Pages
from policy.scope import Scope
from storage import threads
from storage.database import Database
from storage.directory import Due
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.test_sweeper import waiting
from tests.orchestrator.world import Rows
from wire.control import PageAnswer, PageRequest

LATE = (
    "UPDATE proposals SET expires_at = clock_timestamp() + interval '100 s',"
    " expires_in_seconds = 600"
)
UNSEEN = (
    "UPDATE proposals SET expires_at = NULL,"
    " created_at = clock_timestamp() - interval '4 minutes'"
)


@dataclass
class FakeGateway:
    answer: PageAnswer = field(
        default_factory=lambda: PageAnswer(code="over", text="sent")
    )
    error: Exception | None = None
    asked: list[PageRequest] = field(default_factory=list)

    async def page(self, request: PageRequest) -> PageAnswer:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return self.answer

    @property
    def client(self) -> GatewayClient:
        return cast("GatewayClient", self)


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


async def causes(rows: Rows) -> list[str]:
    found = await rows.rows("SELECT payload FROM outbox WHERE destination = 'page'")
    return [row["payload"]["cause"] for row in found]


@pytest.mark.parametrize(
    ("change", "cause"),
    [(LATE, "nobody has decided on it"), (UNSEEN, "Slack does not take its card")],
)
async def test_a_card_that_nobody_answers_is_paged_once(
    worker: Database, rows: Rows, change: str, cause: str
) -> None:
    """With a quarter of its time left, or after three minutes without Slack."""
    await waiting(rows)
    await sweeper.sweep(worker)
    early = await causes(rows)
    await rows.change(change)
    for _ in range(3):
        await sweeper.sweep(worker)

    assert ([], [cause]) == (early, await causes(rows))


async def test_nobody_is_paged_of_what_was_muted_or_decided(
    worker: Database, rows: Rows
) -> None:
    """Though the look-up came before."""
    _, proposal = await waiting(rows)
    await rows.change(LATE)
    await rows.change("UPDATE tasks SET muted_by = 'ann'")
    await sweeper.sweep(worker)
    due = Due("page", rows.scope, UUID(str(proposal)))
    await sweeper.handle(worker, due)
    await rows.change("UPDATE tasks SET muted_by = NULL")
    await rows.change("UPDATE proposals SET state = 'rejected'")
    await sweeper.handle(worker, due)

    assert [] == await causes(rows)


async def test_muting_ends_a_page_that_is_out(
    worker: Database, rows: Rows, admin: psycopg.Connection
) -> None:
    """Once; nobody is called anew, and the decision later ends nothing twice."""
    await waiting(rows)
    await rows.change(LATE)
    await sweeper.sweep(worker)
    admin.execute("UPDATE outbox SET state = 'sent' WHERE destination = 'page'")
    await sweeper.sweep(worker)
    while_it_waits = await causes(rows)
    await rows.change("UPDATE tasks SET muted_by = 'ann'")
    for _ in range(2):
        await sweeper.sweep(worker)
    muted = await causes(rows)
    await rows.change("UPDATE proposals SET state = 'rejected'")
    await sweeper.sweep(worker)

    assert ["nobody has decided on it"] == while_it_waits
    assert ["muted", "nobody has decided on it"] == sorted(muted)
    assert sorted(muted) == sorted(await causes(rows))


async def test_a_page_goes_to_its_environments_gateway_until_it_is_over(
    worker: Database, rows: Rows
) -> None:
    """Not before it says; one that is away is asked again."""
    await waiting(rows)
    await rows.change(LATE)
    await sweeper.sweep(worker)
    gateway = FakeGateway(PageAnswer(code="waits", text="busy", retry_after_seconds=40))
    pages = Pages(worker, gateway.client, rows.scope.environment)
    other = Pages(worker, gateway.client, "elsewhere")
    looks = [await pages.send(), await pages.send(), await other.send()]
    rows.database.clock.move(seconds=41)
    gateway.error = GatewayAway("no socket")
    looks += [await pages.send()]
    gateway.error = None
    looks += [await pages.send()]

    assert [1, 0, 0, 0, 1] == looks
    assert 3 == len(gateway.asked)


async def test_the_courier_leaves_pages_alone(
    database: Databases, worker: Database, rows: Rows
) -> None:
    """A thread with nothing but a page has nothing for Slack."""
    await waiting(rows)
    await rows.change(LATE)
    await sweeper.sweep(worker)
    courier = database("courier")
    async with courier.transaction(rows.scope, Step.message_sent) as tx:
        await tx.change("UPDATE outbox SET state = 'sent' WHERE destination = 'slack'")
    async with courier.dispatch(Step.claim_thread) as tx:
        claimed = await threads.claim(tx, owner="courier", lease_seconds=5)

    assert claimed is None


async def test_more_than_are_drawn_at_a_time_starve_nobody(
    worker: Database, rows: Rows
) -> None:
    """A pager that is busy for ever with one is called for the others."""
    for _ in range(3):
        await waiting(rows)
    await rows.change(LATE)
    await sweeper.sweep(worker)
    gateway = FakeGateway(PageAnswer(code="waits", text="busy"))
    pages = Pages(worker, gateway.client, rows.scope.environment, most=1)
    # Two of three are drawn sixty times running once in 10^10 plays.
    looks = [await pages.send() for _ in range(60)]

    assert {1} == set(looks)
    assert 3 == len({one.post_id for one in gateway.asked})
