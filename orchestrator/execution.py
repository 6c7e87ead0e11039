"""Execution from the worker's side: ask the gateway, step by step, until it is over."""

import asyncio
from collections.abc import Sequence

import structlog

from gateway.client import (
    GatewayAway,
    GatewayClient,
    GatewayFailed,
    GatewayRefused,
)
from gateway.expiring import schedule_reversion
from policy.event import Event
from policy.lifecycle import ProposalEvent, TaskEvent
from policy.proposal import ProposalState
from policy.task import TaskState
from storage import executions, ledger, moves, posts, proposals, tasks
from storage.database import Database, Tx
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Claim
from wire.control import ExecutionAnswer, ExecutionRequest

# Answers whose words the gateway has hidden people in.
_TOLD = frozenset({"refused_for_now", "unknown", "failed", "lapsed"})
_OVER = {"succeeded", "failed", "lapsed", "idle"}
# What is refused for longer than this gives its slot back meanwhile.
_LONGEST_HOLD_SECONDS = 3.0
_AWAY_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
# A target may be another's for as long as a busy system wants: no slot waits for it.
_TARGET_BUSY = "another execution holds its target until that is read back"
_TARGET_BUSY_SECONDS = 5.0
# Faults of the gateway's own on one step, a second apart, until a person is asked.
_MOST_FAULTS = 30
# Refusals that pass by themselves.
_PASSING = frozenset({"database_away", "stale"})
_GIVEN_UP = {
    ProposalState.executing: ProposalEvent.outcome_lost,
    ProposalState.verifying: ProposalEvent.outcome_lost,
}


class Stuck(Exception):
    """The gateway fails on a step again and again: a person has to look."""


async def execute(gateway: GatewayClient, claim: Claim) -> ExecutionAnswer | None:
    """
    Take steps until one is over or has to wait; None if the task is another's by now.

    The caller keeps the lease with heartbeats meanwhile, and may be killed anywhere:
    the next claim goes on from the rows.

    Raises:
        Stuck: the gateway keeps failing on a step.
    """
    request = ExecutionRequest(
        tenant_id=claim.scope.tenant_id,
        environment=claim.scope.environment,
        task_id=claim.task_id,
        fence=claim.fence,
    )
    log = structlog.get_logger().bind(task=str(claim.task_id))
    faults = 0
    while True:
        try:
            answer = await gateway.execute(request)
        except GatewayAway as exc:
            faults += isinstance(exc, GatewayFailed)
            if faults >= _MOST_FAULTS:
                raise Stuck(f"the gateway failed {faults} times: {exc}") from exc
            log.warning("execution.gateway_away", error=str(exc))
            await asyncio.sleep(_AWAY_SECONDS)
            continue
        except GatewayRefused as exc:
            log.info("execution.refused", code=exc.refusal.code)
            if exc.refusal.code in {"lease_lost", "not_found"}:
                return None
            if exc.refusal.code == "target_busy":
                return _come_later()
            faults += exc.refusal.code not in _PASSING
            if faults >= _MOST_FAULTS:
                raise Stuck(f"refused {faults} times: {exc.refusal.message}") from exc
            await asyncio.sleep(_AWAY_SECONDS)
            continue
        faults = 0
        # A measured text may name somebody; what stands on the card is hidden.
        text = answer.text if answer.code in _TOLD else ""
        log.info("execution.step", code=answer.code, text=text)
        held_off = answer.code in {"refused_for_now", "unknown"}
        if answer.code in _OVER or (
            held_off and answer.retry_after_seconds > _LONGEST_HOLD_SECONDS
        ):
            return answer
        await asyncio.sleep(min(answer.retry_after_seconds, _LONGEST_WAIT_SECONDS))


def _come_later() -> ExecutionAnswer:
    return ExecutionAnswer(
        code="refused_for_now",
        text=_TARGET_BUSY,
        retry_after_seconds=_TARGET_BUSY_SECONDS,
    )


async def say_wait(tx: Tx, claim: Claim, why: str) -> None:
    """Show on the root why what was approved has not begun, once for each reason."""
    task = await tasks.get(tx, claim.task_id, lock=True)
    if task.fence == claim.fence and task.state is TaskState.executing:
        await posts.say_wait(tx, task, why)


async def give_up(database: Database, claim: Claim, reason: str) -> None:
    """
    Hand a stuck execution to a person; what may have been applied is said so.

    Raises:
        LeaseLost: the task is another's by now; nothing is changed.
    """
    async with database.transaction(claim.scope, Step.finish_run) as tx:
        task = await tasks.get_held(tx, claim.task_id, claim.fence, TaskState.executing)
        found = await proposals.list_of_task(tx, task.id)
        begun = await give_up_effects(tx, found, reason)
        await moves.move(
            tx,
            task,
            TaskEvent.execution_lost,
            actor="orchestrator",
            reason=f"outcome unknown: {reason}" if begun else f"not begun: {reason}",
        )


async def give_up_effects(tx: Tx, found: Sequence[Proposal], reason: str) -> bool:
    """Say of what is under way that nobody can tell; False if nothing is."""
    begun = [one for one in found if one.state in _GIVEN_UP]
    for one in begun:
        state = await proposals.move(tx, one, _GIVEN_UP[one.state], reason=reason)
        await ledger.append(
            tx,
            Event.task_given_up,
            actor="orchestrator",
            task_id=one.task_id,
            body={"proposal": one.id, "state": state, "reason": reason},
        )
        last = await executions.find_last(tx, one.id)
        if last is not None:
            # What may have been applied is looked at when its time is over.
            await schedule_reversion(tx, one, last)
        await posts.post_cards(tx, one)
    return bool(begun)
