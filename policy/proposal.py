"""The words of a proposal."""

from enum import StrEnum


class ProposalState(StrEnum):
    proposed = "proposed"
    needs_approval = "needs_approval"
    drafted = "drafted"
    denied = "denied"
    approved = "approved"
    rejected = "rejected"
    expired = "expired"
    superseded = "superseded"
    withdrawn = "withdrawn"
    carried_out = "carried_out"
    executing = "executing"
    verifying = "verifying"
    succeeded = "succeeded"
    failed = "failed"
    outcome_unknown = "outcome_unknown"
    undone = "undone"

    @property
    def is_open(self) -> bool:
        """Pending, drafted or approved: somebody or something still has to act."""
        return self in {
            ProposalState.needs_approval,
            ProposalState.drafted,
            ProposalState.approved,
        }


# An effect may be on its way, or waits to be measured.
UNDER_WAY = frozenset({ProposalState.executing, ProposalState.verifying})


class ReversionState(StrEnum):
    """
    The states of a scheduled undo, which runs under its action's own approval.

    ``applied`` waits to be verified; ``skipped`` left a target alone that somebody else
    had changed; ``cancelled`` was overtaken by an undo.
    """

    scheduled = "scheduled"
    running = "running"
    applied = "applied"
    done = "done"
    skipped = "skipped"
    cancelled = "cancelled"
    failed = "failed"
