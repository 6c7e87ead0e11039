"""
What evals learn from people: a case for each edit and each rejection.

It is kept in the transaction of the decision, so that none is lost and none is twice.
The words of the person are searched like any other text; params are veiled already.
"""

from gateway.gate import Gate
from gateway.veil import told
from policy.eval_case import EvalCaseKind
from storage import eval_cases
from storage.database import Tx
from storage.eval_cases import Edited, NewEvalCase
from storage.proposals import Proposal
from wire.control import DecisionRequest


async def collect_rejection(
    gate: Gate, tx: Tx, proposal: Proposal, request: DecisionRequest
) -> None:
    """Keep what was not to be done, why, and whether another plan was asked for."""
    case = NewEvalCase(
        inbox_id=request.inbox_id,
        kind=EvalCaseKind.rejected,
        reason_code=request.reason_code,
        comment=await told(gate, tx, proposal.task_id, request.comment),
        new_plan=request.new_plan,
    )
    await eval_cases.append(tx, proposal, case)


async def collect_edit(
    gate: Gate,
    tx: Tx,
    proposal: Proposal,
    request: DecisionRequest,
    *,
    newer: Proposal,
) -> None:
    """Keep what a person made of the params, and the difference."""
    case = NewEvalCase(
        inbox_id=request.inbox_id,
        kind=EvalCaseKind.edited,
        reason_code=newer.reason_code,
        comment=await told(gate, tx, proposal.task_id, request.comment),
        new_plan=False,
        edited=Edited(newer.params, newer.diff or {}),
    )
    await eval_cases.append(tx, proposal, case)
