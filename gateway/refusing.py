"""A call that is not carried out: what is told of it, to the run and to the log."""

from gateway.gate import Asked, Gate, RefusedCall, log_refusal
from gateway.tokens import RunClaims
from gateway.veil import told
from policy.task import TaskState
from storage import runs, tasks, traces
from storage.steps import Step

# What a run repeats in vain is in the process's log; the ledger is not its to fill.
MOST_LOGGED = 100


async def refuse_logged(
    gate: Gate, claims: RunClaims, asked: Asked, refusal: RefusedCall
) -> None:
    """
    Log a refused call and its ledger row, in a transaction of their own.

    A system's words may quote what it was asked for: the refusal's are redacted in
    place, before anybody is told.
    """
    tool = gate.registry.find(asked.tool)
    call = asked.refused(claims, version=tool.version if tool else 0, rule=refusal.rule)
    async with gate.database.transaction(claims.scope, Step.begin_call) as tx:
        task = await tasks.find(tx, call.task_id, lock=True)
        if task is None:
            return
        refusal.message = await told(
            gate, tx, call.task_id, refusal.message, outside=True
        )
        refused = await runs.count_refused(
            tx, call.task_id, claims.run_id, phase=call.phase
        )
        if refused < MOST_LOGGED:
            await log_refusal(tx, call, refusal)
            is_its_run = task.fence == claims.fence and task.state is TaskState.running
            if call.phase == "read" and is_its_run:
                await traces.post(tx, task, run_id=claims.run_id, done=False)
