"""
Every event of a task, and what its ``data`` says: version 1.

Readers outside rely on these: within a version a field that is always there stays so,
with its type; fields and events may be added (``docs/events``). Ids are UUIDs, digests
SHA-256 in hex, instants ISO 8601 in UTC; people are their ids in policy, or
placeholders where they are somebody's users.
"""

from collections.abc import Mapping

from wire import action_events as action
from wire import task_events as task
from wire.event_body import EventBody

VERSION = 1

EVENTS: Mapping[str, type[EventBody]] = {
    "task.created": task.Created,
    "task.opened": task.Opened,
    "task.moved": task.Moved,
    "task.failed": task.Failed,
    "task.owner_changed": task.OwnerChanged,
    "task.muted": task.Muted,
    "task.unmuted": task.Unmuted,
    "task.alert_added": task.AlertAdded,
    "task.alert_resolved": task.AlertResolved,
    "task.evidence_attached": task.EvidenceAttached,
    "task.call_refused": task.CallRefused,
    "task.call_failed": task.CallFailed,
    "task.model_answered": task.ModelAnswered,
    "task.model_failed": task.ModelFailed,
    "task.run_finished": task.RunFinished,
    "task.proposed_action": action.ProposedAction,
    "task.card_shown": action.CardShown,
    "task.reminded": action.Reminded,
    "task.card_escalated": action.CardEscalated,
    "task.paged": action.Paged,
    "task.page_failed": action.PageFailed,
    "task.page_resolved": action.PageResolved,
    "task.evidence_opened": action.EvidenceOpened,
    "task.click_received": action.ClickReceived,
    "task.click_refused": action.ClickRefused,
    "task.approved": action.Approved,
    "task.rejected": action.Rejected,
    "task.edited": action.Edited,
    "task.asked_anew": action.AskedAnew,
    "task.quorum_raised": action.QuorumRaised,
    "task.votes_voided": action.VotesVoided,
    "task.quorum_restored": action.QuorumRestored,
    "task.proposal_closed": action.ProposalClosed,
    "task.revealed": action.Revealed,
    "task.autonomy_granted": action.AutonomyGranted,
    "task.autonomy_used": action.AutonomyUsed,
    "task.autonomy_withdrawn": action.AutonomyWithdrawn,
    "task.execution_begun": action.ExecutionBegun,
    "task.execution_refused": action.ExecutionRefused,
    "task.executed": action.Executed,
    "task.answered_late": action.AnsweredLate,
    "task.given_up": action.GivenUp,
    "task.attested": action.Attested,
    "task.verified": action.Verified,
    "task.undo_proposed": action.UndoProposed,
    "task.undone": action.Undone,
    "task.reversion_scheduled": action.ReversionScheduled,
    "task.reversion_begun": action.ReversionBegun,
    "task.reverted": action.Reverted,
    "task.reversion_failed": action.ReversionFailed,
}
