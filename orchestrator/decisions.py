"""Clicks that wait in the inbox: each goes to the gateway until it is settled."""

import asyncio
from collections.abc import Coroutine
from uuid import UUID

import structlog
from pydantic import ValidationError

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from policy.event import Event
from policy.scope import Scope
from storage import answers, inbox, ledger, proposals
from storage.database import Database, Tx
from storage.errors import NotFound, StorageError
from storage.inbox import Receipt
from storage.steps import Step
from wire.control import DecisionAnswer, DecisionRequest

# A click whose worker died is taken again after this; one that is being decided is held
# meanwhile, however long its target takes to answer.
LEASE_SECONDS = 5
# One that could not be decided is tried again after this.
_AGAIN_SECONDS = 5
# The try at which its person is told that it still waits.
_TELL_AT = 4
# Refusals that the same click will always meet; any other may pass.
_FOR_GOOD = frozenset({"unknown_proposal", "invalid_body", "not_found"})
# Tries that the gateway's own fault ended until a click is given up, and told so.
_MOST_FAULTS = 60
_KEPT = (
    "Your click is kept, but it can't be decided yet: the gateway does not answer. "
    "It is tried every few seconds, and the card will say what came of it."
)


async def settle_next(
    database: Database, gateway: GatewayClient, *, environment: str
) -> bool:
    """Settle the oldest waiting click; False if none waits or the gateway is away."""
    async with database.dispatch(Step.claim_inbox) as tx:
        claimed = await inbox.claim(
            tx, environment=environment, lease_seconds=LEASE_SECONDS
        )
    if claimed is None:
        return False
    scope, receipt = claimed
    log = structlog.get_logger().bind(inbox=str(receipt.id))
    try:
        answer = await _held(database, scope, receipt, _decide(gateway, receipt))
    except GatewayAway as exc:
        log.warning("decision.gateway_away", error=str(exc))
        faulty = isinstance(exc, GatewayFailed)
        return await _later(database, scope, receipt, str(exc), faulty=faulty)
    except GatewayRefused as exc:
        log.warning("decision.refused", error=str(exc))
        if exc.refusal.code not in _FOR_GOOD:
            return await _later(database, scope, receipt, str(exc), faulty=True)
        await _give_up(database, scope, receipt, str(exc))
        return True
    except (ValidationError, ValueError) as exc:
        log.warning("decision.refused", error=str(exc))
        await _give_up(database, scope, receipt, str(exc))
        return True
    log.info("decision.settled", code=answer.code)
    return True


async def _held(
    database: Database,
    scope: Scope,
    receipt: Receipt,
    deciding: Coroutine[object, object, DecisionAnswer],
) -> DecisionAnswer:
    """Keep the click from other workers while it is being decided."""
    trouble: Exception | None = None
    answer: DecisionAnswer | None = None
    async with asyncio.TaskGroup() as group:
        holding = group.create_task(_hold(database, scope, receipt))
        try:
            answer = await deciding
        except (GatewayAway, GatewayRefused, ValueError) as exc:
            trouble = exc
        holding.cancel()
    if answer is None:
        raise trouble or LookupError("a decision without an answer")
    return answer


async def _hold(database: Database, scope: Scope, receipt: Receipt) -> None:
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        try:
            async with database.transaction(scope, Step.settle_inbox) as tx:
                await inbox.hold(tx, receipt.id, seconds=LEASE_SECONDS)
        except StorageError as exc:
            structlog.get_logger().warning("decision.not_held", error=str(exc))


async def _later(
    database: Database, scope: Scope, receipt: Receipt, error: str, *, faulty: bool
) -> bool:
    """Put a click back; True if it was given up after too many faults."""
    if faulty and receipt.faults + 1 >= _MOST_FAULTS:
        await _give_up(database, scope, receipt, f"a fault of ours: {error}")
        return True
    async with database.transaction(scope, Step.settle_inbox) as tx:
        await inbox.put_back(tx, receipt.id, seconds=_AGAIN_SECONDS, faulty=faulty)
        # An answer may be lost although the gateway has settled the click.
        if (
            receipt.attempts == _TELL_AT
            and (await inbox.get(tx, receipt.id)).state == "pending"
        ):
            await _tell(tx, receipt, _KEPT)
    return False


async def _decide(gateway: GatewayClient, receipt: Receipt) -> DecisionAnswer:
    fields = {**receipt.payload, "inbox_id": str(receipt.id)}
    # Where it was clicked is for its answer, and decides nothing.
    fields.pop("clicked_in", None)
    return await gateway.decide(DecisionRequest.model_validate(fields))


async def _give_up(
    database: Database, scope: Scope, receipt: Receipt, error: str
) -> None:
    """Settle a click that means nothing here, with a ledger row that says why."""
    async with database.transaction(scope, Step.settle_inbox) as tx:
        if await inbox.settle(tx, receipt.id, state="refused", error=error[:500]):
            await ledger.append(
                tx,
                Event.click_refused,
                actor="orchestrator",
                task_id=None,
                body={"inbox": receipt.id, "error": error[:500]},
            )
            await _tell(tx, receipt, f"Your click was refused: {error[:300]}.")


async def _tell(tx: Tx, receipt: Receipt, text: str) -> None:
    """Answer the click's person in its thread; a click on no card of ours has none."""
    try:
        proposal_id = UUID(str(receipt.payload.get("proposal_id")))
        proposal = await proposals.get(tx, proposal_id)
    except (ValueError, NotFound):
        return
    await inbox.drop_address(tx, receipt.id)
    await answers.post_answer(
        tx,
        proposal.task_id,
        inbox_id=receipt.id,
        user=str(receipt.payload.get("slack_user")),
        text=text,
    )
