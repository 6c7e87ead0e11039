"""The inbox: at most once in, one worker at a time, settled once."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from policy.scope import Scope
from storage import inbox
from storage.database import Database
from storage.inbox import Begun, Delivery, Receipt
from storage.steps import Step
from tests.conftest import Databases, Scopes

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


def click(delivery_id: str, state: str = "pending") -> Delivery:
    return Delivery("slack", delivery_id, "approve", {"user": "U1"}, state)


async def receive(worker: Database, scope: Scope, delivery: Delivery) -> UUID | None:
    async with worker.transaction(scope, Step.store_click) as tx:
        return await inbox.receive(tx, delivery)


async def claim(
    worker: Database, *, lease_seconds: int = 30
) -> tuple[Scope, Receipt] | None:
    async with worker.dispatch(Step.claim_inbox) as tx:
        return await inbox.claim(tx, environment="staging", lease_seconds=lease_seconds)


async def settle(worker: Database, scope: Scope, receipt_id: UUID) -> bool:
    async with worker.transaction(scope, Step.settle_inbox) as tx:
        return await inbox.settle(tx, receipt_id, state="done")


async def test_a_delivery_comes_in_once(worker: Database, scope: Scope) -> None:
    """The same delivery id a second time is not stored."""
    first = await receive(worker, scope, click("d1"))
    second = await receive(worker, scope, click("d1"))

    assert first is not None
    assert second is None


async def test_one_of_many_at_once_is_stored(worker: Database, scope: Scope) -> None:
    """A sender that retries in parallel is stored once."""
    received = await asyncio.gather(
        *(receive(worker, scope, click("d1")) for _ in range(6))
    )

    assert 1 == len([one for one in received if one])


async def test_sources_and_scopes_have_ids_of_their_own(
    worker: Database, scope: Scope, scopes: Scopes
) -> None:
    """The same id from another source, or for another tenant, is another delivery."""
    alert = Delivery("alertmanager", "d1", "alerts", {})
    received = [
        await receive(worker, scope, click("d1")),
        await receive(worker, scope, alert),
        await receive(worker, await scopes("globex", "prod"), click("d1")),
    ]

    assert None not in received


async def test_clicks_on_one_proposal_keep_their_order(
    worker: Database, scope: Scope, database: Databases
) -> None:
    """While one is being settled the next waits; those on another one do not."""
    ids = []
    for number, proposal in enumerate(("p1", "p1", "p2")):
        payload = {"user": "U1", "proposal_id": proposal}
        delivery = Delivery("slack", f"d{number}", "decision", payload)
        ids.append(await receive(worker, scope, delivery))
        database.clock.move(seconds=1)
    found = [await claim(worker) for _ in range(3)]
    await settle(worker, scope, ids[0] or UUID(int=0))
    then = await claim(worker)

    assert [ids[0], ids[2], None] == [one[1].id if one else None for one in found]
    assert then is not None
    assert ids[1] == then[1].id


async def test_a_claim_gives_the_oldest_with_its_scope(
    worker: Database, scope: Scope, scopes: Scopes, database: Databases
) -> None:
    """Clicks are served in the order of their arrival, over all tenants."""
    globex = await scopes("globex", "staging")
    oldest = await receive(worker, globex, click("d1"))
    database.clock.move(seconds=1)
    await receive(worker, scope, click("d2"))
    claimed = await claim(worker)

    assert claimed is not None
    assert (globex, oldest, 1) == (claimed[0], claimed[1].id, claimed[1].attempts)


async def test_a_click_waits_for_its_environments_worker(
    worker: Database, scopes: Scopes
) -> None:
    """Another's gateway would refuse it, and it would be lost."""
    prod = await scopes("acme", "prod")
    await receive(worker, prod, click("d1"))
    others = await claim(worker)
    async with worker.dispatch(Step.claim_inbox) as tx:
        claimed = await inbox.claim(tx, environment="prod", lease_seconds=30)

    assert others is None
    assert claimed is not None
    assert prod == claimed[0]


async def test_a_claimed_click_is_held(worker: Database, scope: Scope) -> None:
    """While its lease lives, nobody else gets the click."""
    await receive(worker, scope, click("d1"))
    await claim(worker)

    assert await claim(worker) is None


async def test_a_click_of_a_dead_worker_comes_again(
    worker: Database, scope: Scope
) -> None:
    """After the lease the click is claimed again, and the attempts are counted."""
    await receive(worker, scope, click("d1"))
    await claim(worker, lease_seconds=-1)
    again = await claim(worker)

    assert again is not None
    assert 2 == again[1].attempts


async def test_claims_at_once_get_different_clicks(
    worker: Database, scope: Scope
) -> None:
    """Five claims over three clicks give each once."""
    made = [await receive(worker, scope, click(f"d{n}")) for n in range(3)]
    claims = await asyncio.gather(*(claim(worker) for _ in range(5)))

    assert sorted(filter(None, made)) == sorted(one[1].id for one in claims if one)


async def test_a_click_is_settled_once(worker: Database, scope: Scope) -> None:
    """The second to settle a click is told that it was done."""
    receipt_id = await receive(worker, scope, click("d1"))
    assert receipt_id is not None
    settled = [await settle(worker, scope, receipt_id) for _ in range(2)]

    assert [True, False] == settled


async def test_a_settled_click_is_not_claimed(worker: Database, scope: Scope) -> None:
    """What is done leaves the queue."""
    receipt_id = await receive(worker, scope, click("d1"))
    assert receipt_id is not None
    await settle(worker, scope, receipt_id)

    assert await claim(worker) is None


async def test_deliveries_stored_as_done_wait_for_nobody(
    worker: Database, scope: Scope
) -> None:
    """Alerts are handled as they come, and never claimed."""
    await receive(worker, scope, click("d1", "done"))

    assert await claim(worker) is None


async def test_broken_deliveries_are_listed_newest_first(
    worker: Database, scope: Scope, database: Databases
) -> None:
    """What could not be understood is kept for people to see."""
    for name in ("d1", "d2"):
        await receive(worker, scope, click(name, "failed"))
        database.clock.move(seconds=1)
    await receive(worker, scope, click("d3"))
    async with worker.transaction(scope, Step.look) as tx:
        broken = await inbox.list_broken(tx)

    assert ["d2", "d1"] == [one.delivery_id for one in broken]


def test_what_one_click_made_shares_its_name() -> None:
    """Whatever else has a colon in its id is a thing of its own."""
    click = "c" * 64
    names = [
        Receipt(uuid4(), "slack", one, "decision", {}, "done", None, 0, 0, AT).click
        for one in (f"{click}:p1.d1", f"{click}:p2.d2", click, "terminal:x:y")
    ]

    assert [f"slack:{click}"] * 3 + ["slack:terminal:x:y"] == names


async def test_what_is_begun_is_one_s_alone_until_it_is_done(
    worker: Database, scope: Scope
) -> None:
    """Let go, it is begun again; no worker claims it meanwhile."""
    found, one = [], click("m1")
    for answered in (None, False, True):
        async with worker.transaction(scope, Step.store_click) as tx:
            if answered is not None:
                await inbox.finish(tx, one, answered=answered)
            found += [await inbox.begin(tx, one, seconds=30) for _ in range(2)]

    assert [Begun.new, Begun.busy, Begun.again, Begun.busy, "done", "done"] == found
    assert await claim(worker) is None
