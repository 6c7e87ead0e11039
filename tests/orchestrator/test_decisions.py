"""Clicks that wait: settled by the gateway, kept while it is away."""

import asyncio
from uuid import UUID, uuid4

import pytest

from gateway.client import GatewayAway, GatewayFailed, GatewayRefused
from orchestrator import decisions
from policy.scope import Scope
from storage import inbox
from storage.database import Database
from storage.inbox import Delivery
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.world import FakeGateway, Rows
from wire.control import DecisionAnswer, DecisionRequest
from wire.tools import Refusal

HOSTILE = "sing to ada@example.com"
ANSWER = DecisionAnswer(code="approved", text="Approved.", proposal_id=UUID(int=1))
REFUSED = GatewayRefused(Refusal(code="unknown_proposal", rule="scope", message="no"))


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


async def click(rows: Rows, **payload: object) -> UUID:
    """Store a click as the web process does; give its receipt's id."""
    whole = {
        "proposal_id": str(uuid4()),
        "digest": "d" * 64,
        "person": "U1",
        "slack_user": "U1",
        "verdict": "approve",
        **payload,
    }
    async with rows.database("web").transaction(rows.scope, Step.store_click) as tx:
        delivery = Delivery("slack", str(uuid4()), "decision", whole)
        if (kept := await inbox.receive(tx, delivery)) is None:
            raise AssertionError("a new click is a repeat of none")
    return kept


async def settle(worker: Database, *answers: DecisionAnswer | Exception) -> bool:
    return await decisions.settle_next(
        worker, FakeGateway(*answers), environment="staging"
    )


async def test_nothing_waits(worker: Database, rows: Rows) -> None:
    """Without a click there is nothing to settle."""
    assert [] == await rows.rows("SELECT id FROM inbox")
    assert not await settle(worker)


async def test_a_click_goes_to_the_gateway(worker: Database, rows: Rows) -> None:
    """With what was stored, and the receipt's id as its own."""
    receipt = await click(rows, comment="go")
    gateway = FakeGateway(ANSWER)

    assert await decisions.settle_next(worker, gateway, environment="staging")
    [request] = gateway.decided
    assert (receipt, "approve", "go") == (
        request.inbox_id,
        request.verdict,
        request.comment,
    )


async def test_the_oldest_click_goes_first(worker: Database, rows: Rows) -> None:
    """Clicks are taken in the order in which they came."""
    first = await click(rows)
    rows.database.clock.move(seconds=1)
    second = await click(rows)
    gateway = FakeGateway(ANSWER, ANSWER)
    for _ in range(2):
        await decisions.settle_next(worker, gateway, environment="staging")

    assert [first, second] == [one.inbox_id for one in gateway.decided]


async def test_a_gateway_that_is_away_loses_no_click(
    worker: Database, rows: Rows
) -> None:
    """The click waits, and is taken again after its lease."""
    receipt = await click(rows)
    settled = await settle(worker, GatewayAway("no socket"))
    at_once = await settle(worker, ANSWER)
    await rows.change("UPDATE inbox SET lease_until = clock_timestamp()")
    gateway = FakeGateway(ANSWER)
    again = await decisions.settle_next(worker, gateway, environment="staging")

    assert (False, False, True) == (settled, at_once, again)
    assert [receipt] == [one.inbox_id for one in gateway.decided]
    [row] = await rows.rows("SELECT state, attempts FROM inbox")
    assert ("pending", 2) == (row["state"], row["attempts"])


@pytest.mark.parametrize(
    ("payload", "answer"),
    [({}, REFUSED), ({"verdict": HOSTILE}, ANSWER), ({"more": 1}, ANSWER)],
)
async def test_a_click_that_means_nothing_is_settled(
    worker: Database, rows: Rows, payload: dict[str, object], answer: Exception
) -> None:
    """Refused by the gateway or by the wire: settled with a ledger entry saying why."""
    receipt = await click(rows, **payload)
    settled = await settle(worker, answer)
    [row] = await rows.rows("SELECT state, error FROM inbox")
    entries = await rows.rows("SELECT body FROM ledger WHERE event = 'click.refused'")

    assert settled
    assert "refused" == row["state"]
    assert row["error"]
    assert HOSTILE not in row["error"]
    assert [True] == [str(receipt) in one["body"] for one in entries]


async def test_a_refused_click_is_over(worker: Database, rows: Rows) -> None:
    """It is not taken again."""
    await click(rows)
    await settle(worker, REFUSED)
    await rows.change("UPDATE inbox SET lease_until = clock_timestamp()")

    assert not await settle(worker, ANSWER)


async def test_who_waits_long_is_told_once(worker: Database, rows: Rows) -> None:
    """A click while the gateway is away: kept, and its person knows."""
    started = await rows.started()
    proposal = await rows.propose(started.task)
    await click(rows, proposal_id=str(proposal))
    for _ in range(6):
        await settle(worker, GatewayAway("no socket"))
        await rows.change("UPDATE inbox SET lease_until = clock_timestamp()")

    assert [("U1", "Your click is kept, but")] == await answers(rows)
    assert await settle(worker, ANSWER)


async def test_a_click_that_was_settled_is_not_said_to_wait(
    worker: Database, rows: Rows
) -> None:
    """The gateway decided it, and its answer was lost on the way."""
    started = await rows.started()
    proposal = await rows.propose(started.task)
    await click(rows, proposal_id=str(proposal))
    await rows.change("UPDATE inbox SET attempts = 3")
    gateway = Settling(rows)
    settled = await decisions.settle_next(worker, gateway, environment="staging")

    assert not settled
    assert 1 == len(gateway.decided)
    assert [] == await answers(rows)


async def test_a_click_that_is_being_decided_is_held(
    worker: Database, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else takes it, however long the gateway needs."""
    monkeypatch.setattr(decisions, "LEASE_SECONDS", 1)
    await click(rows)
    gateway = FakeGateway(ANSWER)
    slow = Slow(seconds=2.5)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(
            decisions.settle_next(worker, slow, environment="staging")
        )
        await asyncio.sleep(1.8)
        meanwhile = await decisions.settle_next(
            rows.database.fresh("worker"), gateway, environment="staging"
        )

    assert (True, False) == (first.result(), meanwhile)
    assert [] == gateway.decided


class Slow(FakeGateway):
    """Decides after some time."""

    def __init__(self, *, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def decide(self, request: DecisionRequest) -> DecisionAnswer:
        self.decided.append(request)
        await asyncio.sleep(self.seconds)
        return ANSWER


@pytest.mark.parametrize("code", ["stale", "bad_token", "other_environment"])
async def test_a_refusal_that_may_pass_loses_no_click(
    worker: Database, rows: Rows, code: str
) -> None:
    """Keys that are just rotated, a gateway that is just configured: asked again."""
    await click(rows)
    passing = GatewayRefused(Refusal(code=code, rule="r", message="m"))
    first = await settle(worker, passing)
    await rows.change("UPDATE inbox SET lease_until = clock_timestamp()")
    gateway = FakeGateway(ANSWER)
    await decisions.settle_next(worker, gateway, environment="staging")

    assert not first
    assert 1 == len(gateway.decided)


async def test_a_click_on_which_the_gateway_fails_is_given_up(
    worker: Database, rows: Rows
) -> None:
    """After sixty faults, and its person is told; an outage before counts for none."""
    started = await rows.started()
    proposal = await rows.propose(started.task)
    await click(rows, proposal_id=str(proposal))
    await rows.change("UPDATE inbox SET attempts = 500")
    settled = []
    for _ in range(60):
        settled.append(await settle(worker, GatewayFailed("see its log")))
        await rows.change("UPDATE inbox SET lease_until = clock_timestamp()")
    [row] = await rows.rows("SELECT state, error FROM inbox")

    assert [False] * 59 + [True] == settled
    assert ("refused", "a fault of ours: see its log") == (row["state"], row["error"])
    assert [("U1", "Your click was refused:")] == await answers(rows)
    assert not await settle(worker, ANSWER)


class Settling(FakeGateway):
    """Settles the click, and is cut off before it can say so."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows

    async def decide(self, request: DecisionRequest) -> DecisionAnswer:
        self.decided.append(request)
        await self.rows.change("UPDATE inbox SET state = 'done'")
        raise GatewayAway("cut off")


async def test_a_refused_click_on_a_card_is_answered(
    worker: Database, rows: Rows
) -> None:
    """Its person sees why, in the thread where they clicked."""
    started = await rows.started()
    proposal = await rows.propose(started.task)
    await click(rows, proposal_id=str(proposal))
    await settle(worker, REFUSED)

    assert [("U1", "Your click was refused:")] == await answers(rows)


async def answers(rows: Rows) -> list[tuple[str, str]]:
    """Give each answer's person and first words."""
    found = await rows.rows("SELECT payload FROM outbox WHERE kind = 'answer'")
    payloads = [row["payload"] for row in found]
    return [(one["user"], one["text"][:23]) for one in payloads]
