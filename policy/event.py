"""The names of what happens: one ledger event each, the spec's six among them."""

from enum import StrEnum


class Event(StrEnum):
    # The spec's six, published as ops.agent_task.*
    task_created = "task.created"
    task_evidence_attached = "task.evidence_attached"
    task_proposed_action = "task.proposed_action"
    task_approved = "task.approved"
    task_executed = "task.executed"
    task_failed = "task.failed"
    # The rest of a task's life
    task_moved = "task.moved"
    task_alert_added = "task.alert_added"
    task_alert_resolved = "task.alert_resolved"
    task_call_refused = "task.call_refused"
    task_call_failed = "task.call_failed"
    task_run_finished = "task.run_finished"
    task_card_shown = "task.card_shown"
    task_click_received = "task.click_received"
    task_click_refused = "task.click_refused"
    task_rejected = "task.rejected"
    task_edited = "task.edited"
    task_proposal_closed = "task.proposal_closed"
    task_execution_begun = "task.execution_begun"
    task_execution_refused = "task.execution_refused"
    task_execution_applied = "task.execution_applied"
    task_verified = "task.verified"
    task_attested = "task.attested"
    task_revealed = "task.revealed"
    task_undo_proposed = "task.undo_proposed"
    task_undone = "task.undone"
    task_reversion_scheduled = "task.reversion_scheduled"
    task_reversion_begun = "task.reversion_begun"
    task_reverted = "task.reverted"
    task_reversion_failed = "task.reversion_failed"
    # Outside any task
    delivery_refused = "delivery.refused"
    click_refused = "click.refused"
    writes_frozen = "writes.frozen"
    writes_thawed = "writes.thawed"
