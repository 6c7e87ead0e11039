"""Effects under way of tasks that nobody executes any more: each is seen to its end."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from orchestrator.asking import ask_each
from orchestrator.execution import give_up_effects
from policy.proposal import UNDER_WAY
from policy.scope import Scope
from policy.task import TaskState
from storage import executions, posts, proposals, tasks
from storage.database import Database, Tx
from storage.proposals import Proposal
from storage.steps import Step
from wire.control import ExecutionRequest

_MOST = 200
_NOBODYS = 0
# How long past its last deadline the gateway may fail on one, and how often in a row,
# until a person looks.
_MOST_LATE = timedelta(minutes=10)
# The same for a gateway that is away: an outage ends, and it tells then.
_MOST_AWAY = timedelta(hours=2)
_MOST_FAULTS = 30
# Refusals that pass by themselves, or say that there is nothing to do here.
_PASSING = frozenset({"stale", "bad_token", "lease_lost", "database_away"})


@dataclass(frozen=True, slots=True)
class Leftovers:
    """
    Has the gateway read back and measure what was left, and nothing begins.

    A task that is a person's by now still says what became of its action. ``most`` are
    drawn at a time, any of them, so that none that stays starves the rest. ``_later``
    is when each may be asked for again: a system that is busy says so. ``_faults``
    counts how often in a row the gateway failed on one.
    """

    database: Database
    gateway: GatewayClient
    environment: str
    most: int = _MOST
    _later: dict[UUID, datetime] = field(default_factory=dict)
    _faults: Counter[UUID] = field(default_factory=Counter)

    async def end(self) -> int:
        """Ask for each that may be asked for; give how many were answered."""
        async with self.database.dispatch(Step.look) as tx:
            left = await proposals.find_left(
                tx, environment=self.environment, most=self.most
            )
        now = self.database.now()
        if len(left) < self.most:
            # All are here: what is not among them is over.
            known = {task_id for _, task_id in left}
            for task_id in {*self._later, *self._faults} - known:
                self._later.pop(task_id, None)
                self._faults.pop(task_id, None)
        due = [one for one in left if self._later.get(one[1], now) <= now]
        return await ask_each(due, self._ask, kind="leftover")

    async def _ask(self, scope: Scope, task_id: UUID) -> str:
        request = ExecutionRequest(
            tenant_id=scope.tenant_id,
            environment=scope.environment,
            task_id=task_id,
            fence=_NOBODYS,
        )
        try:
            answer = await self.gateway.execute(request)
        except (GatewayAway, GatewayRefused) as exc:
            if await self._gives_up(scope, task_id, exc):
                return "given up"
            raise
        self._faults.pop(task_id, None)
        wait = timedelta(seconds=answer.retry_after_seconds)
        self._later[task_id] = self.database.now() + wait
        # A measured text may name somebody; what stands on the card is hidden.
        return answer.code

    async def _gives_up(self, scope: Scope, task_id: UUID, fault: Exception) -> bool:
        """Leave to a person what the gateway does not tell long after its time."""
        if isinstance(fault, GatewayAway) and not isinstance(fault, GatewayFailed):
            return await self._give_up(scope, task_id, fault, _MOST_AWAY)
        passing = isinstance(fault, GatewayRefused) and fault.refusal.code in _PASSING
        self._faults[task_id] += not passing
        if self._faults[task_id] < _MOST_FAULTS:
            return False
        return await self._give_up(scope, task_id, fault, _MOST_LATE)

    async def _give_up(
        self, scope: Scope, task_id: UUID, fault: Exception, after: timedelta
    ) -> bool:
        async with self.database.transaction(scope, Step.finish_run) as tx:
            task = await tasks.get(tx, task_id, lock=True)
            found = await proposals.list_of_task(tx, task_id)
            left = [one for one in found if one.state in UNDER_WAY]
            late = [await _is_late(tx, one, by=after) for one in left]
            if task.state is TaskState.executing or not late or not all(late):
                return False
            reason = f"the gateway failed to tell ({fault}); a person has to look"
            await give_up_effects(tx, left, reason)
            await posts.post_root(tx, task, next_step=f"its action: {reason}")
        return True


async def _is_late(tx: Tx, proposal: Proposal, *, by: timedelta) -> bool:
    last = await executions.find_last(tx, proposal.id)
    if last is None:
        return True
    return (last.verify_deadline_at or last.effect_deadline_at) + by < tx.now
