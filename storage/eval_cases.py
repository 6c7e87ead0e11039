"""
Eval cases: what people made of proposals, one row for each that they changed or ended.

Rows are only ever added, in the transaction of the decision itself; a proposal is
edited or rejected once, so it has one at most. Values of people are placeholders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from policy.eval_case import EvalCaseKind, author_of
from storage import tables, tool_calls
from storage.canonical import plain
from storage.database import Tx
from storage.proposals import Proposal
from storage.redacted import RedactedText
from storage.rows import add, into

_PAGE = """
    SELECT * FROM eval_cases WHERE (CAST(:agent AS text) IS NULL OR agent = :agent)
      AND (CAST(:after AS uuid) IS NULL OR id > :after)
    ORDER BY id LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Edited:
    """What a person made of the params, and the difference by param."""

    params: Mapping[str, object]
    diff: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NewEvalCase:
    """
    What a person decided on a proposal, as its click says it.

    ``edited`` is None for a rejection; ``new_plan``: they asked for another plan.
    """

    inbox_id: UUID
    kind: EvalCaseKind
    reason_code: str
    comment: RedactedText
    new_plan: bool
    edited: Edited | None = None


@dataclass(frozen=True, slots=True)
class EvalCase:
    """
    One case. ``agent`` is None where a person, or policy, had proposed.

    A ``revision`` above 1 had been edited before, so its params are not the agent's.
    ``proposed_reason_code`` is the proposal's, ``reason_code`` that of the decision.
    ``cited`` is the evidence that the proposal stands on: id, tool and digest.
    """

    id: UUID
    environment: str
    task_id: UUID
    proposal_id: UUID
    kind: EvalCaseKind
    agent: str | None
    agent_version: int | None
    revision: int
    tool: str
    tool_version: int
    params: Mapping[str, object]
    proposed_reason_code: str
    edited_params: Mapping[str, object] | None
    diff: Mapping[str, object] | None
    reason_code: str
    comment: str
    new_plan: bool
    cited: tuple[Mapping[str, object], ...]
    created_at: datetime


async def append(tx: Tx, proposal: Proposal, new: NewEvalCase) -> UUID:
    """Add a proposal's case; the caller holds its row, and moves it for good."""
    case_id = tx.new_id()
    edited = new.edited
    changes = (
        {"edited_params": plain(edited.params), "diff": plain(edited.diff)}
        if edited is not None
        else {}
    )
    await add(
        tx,
        tables.eval_cases,
        {
            "id": case_id,
            "task_id": proposal.task_id,
            "proposal_id": proposal.id,
            "inbox_id": new.inbox_id,
            "kind": new.kind,
            **asdict(author_of(proposal.proposed_by)),
            "revision": proposal.revision,
            "tool": proposal.tool,
            "tool_version": proposal.tool_version,
            "params": plain(proposal.params),
            "proposed_reason_code": proposal.reason_code,
            **changes,
            "reason_code": new.reason_code,
            "comment": new.comment,
            "new_plan": new.new_plan,
            "cited": await _cited(tx, proposal),
            "created_at": tx.now,
        },
    )
    return case_id


async def list_page(
    tx: Tx, *, agent: str | None, after: UUID | None, most: int
) -> Sequence[EvalCase]:
    """Give the next cases of this scope, oldest first; of one agent if it is named."""
    rows = await tx.rows(_PAGE, {"agent": agent, "after": after, "most": most})
    return [into(EvalCase, row) for row in rows]


async def count(tx: Tx) -> Mapping[EvalCaseKind, int]:
    """Count the cases of this scope, by kind."""
    rows = await tx.rows("SELECT kind, count(*) AS cases FROM eval_cases GROUP BY kind")
    found = {row["kind"]: row["cases"] for row in rows}
    return {kind: found.get(kind.value, 0) for kind in EvalCaseKind}


async def _cited(tx: Tx, proposal: Proposal) -> list[Mapping[str, object]]:
    found = await tool_calls.list_cited(tx, proposal.task_id, proposal.evidence_ids)
    return [
        {"id": str(one.id), "tool": one.tool, "digest": one.digest} for one in found
    ]
