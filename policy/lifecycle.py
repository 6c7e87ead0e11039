"""
Both state machines: one table each, and the judgements that choose an event.

Theory of operation. A task moves by events; a proposal moves by events of its own.
``advance`` looks a pair up and raises for one that is not in the table, so that an
illegal move is a bug with a name and never a silent no-op. Storage repeats the check
in SQL (state and fence in the WHERE clause) and writes the ledger row in the same
transaction. Which event a task gets after a run, a decision or an execution is judged
over *all* proposals of the task, by ``after_run``, ``after_closed``,
``after_executed``, ``after_failed`` and ``after_lapsed``. Terminal states are computed
from the table: a state without a way out. Nothing here reads a clock or a row.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from policy.proposal import ProposalState as P
from policy.task import RunOutcome
from policy.task import TaskState as T


class IllegalMove(Exception):
    """A pair of state and event that no table allows."""

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(
            f"{type(state).__name__} {state}: event {event} is not allowed here; "
            "reload the row, it moved since it was read"
        )
        self.state = state
        self.event = event


class TaskEvent(StrEnum):
    claimed = "claimed"
    run_found_executable = "run_found_executable"
    run_awaits_person = "run_awaits_person"
    run_wants_new_plan = "run_wants_new_plan"
    run_found_nothing = "run_found_nothing"
    run_stuck = "run_stuck"
    run_crashed = "run_crashed"
    approved = "approved"
    proposal_closed = "proposal_closed"
    new_plan_asked = "new_plan_asked"
    all_rejected = "all_rejected"
    all_lapsed = "all_lapsed"
    executed_more_approved = "executed_more_approved"
    executed_some_pending = "executed_some_pending"
    executed_none_open = "executed_none_open"
    refused_for_now = "refused_for_now"
    try_failed = "try_failed"
    execution_lost = "execution_lost"
    undo_may_run = "undo_may_run"
    undo_awaits_person = "undo_awaits_person"
    approval_lapsed_more_approved = "approval_lapsed_more_approved"
    approval_lapsed_some_pending = "approval_lapsed_some_pending"
    approval_lapsed_none_open = "approval_lapsed_none_open"
    approval_lapsed_alert_resolved = "approval_lapsed_alert_resolved"
    alerts_resolved = "alerts_resolved"
    backoff_over = "backoff_over"
    attempts_spent = "attempts_spent"
    taken_over = "taken_over"
    handed_back = "handed_back"
    closed_by_person = "closed_by_person"


class ProposalEvent(StrEnum):
    asked = "asked"
    allowed = "allowed"
    drafted = "drafted"
    denied = "denied"
    approved = "approved"
    rejected = "rejected"
    expired = "expired"
    superseded = "superseded"
    withdrawn = "withdrawn"
    carried_out = "carried_out"
    policy_asks_more = "policy_asks_more"
    begun = "begun"
    applied = "applied"
    nothing_sent = "nothing_sent"
    failed = "failed"
    outcome_lost = "outcome_lost"
    verified = "verified"
    confirmed_by_person = "confirmed_by_person"
    undone = "undone"


_E = TaskEvent
TASK: Mapping[tuple[T, TaskEvent], T] = {
    (T.queued, _E.claimed): T.running,
    (T.running, _E.run_found_executable): T.executing,
    (T.running, _E.run_awaits_person): T.needs_approval,
    (T.running, _E.run_wants_new_plan): T.queued,
    (T.running, _E.run_found_nothing): T.completed,
    (T.running, _E.run_stuck): T.escalated_to_human,
    (T.running, _E.run_crashed): T.failed_retryable,
    (T.needs_approval, _E.approved): T.executing,
    (T.needs_approval, _E.proposal_closed): T.needs_approval,
    (T.needs_approval, _E.new_plan_asked): T.queued,
    (T.needs_approval, _E.all_rejected): T.completed,
    (T.needs_approval, _E.all_lapsed): T.escalated_to_human,
    (T.executing, _E.executed_more_approved): T.executing,
    (T.executing, _E.executed_some_pending): T.needs_approval,
    (T.executing, _E.executed_none_open): T.completed,
    (T.executing, _E.refused_for_now): T.executing,
    (T.executing, _E.try_failed): T.executing,
    (T.executing, _E.execution_lost): T.escalated_to_human,
    (T.executing, _E.undo_may_run): T.executing,
    (T.executing, _E.undo_awaits_person): T.needs_approval,
    (T.executing, _E.approval_lapsed_more_approved): T.executing,
    (T.executing, _E.approval_lapsed_some_pending): T.needs_approval,
    (T.executing, _E.approval_lapsed_none_open): T.escalated_to_human,
    (T.executing, _E.approval_lapsed_alert_resolved): T.completed,
    (T.queued, _E.alerts_resolved): T.completed,
    (T.running, _E.alerts_resolved): T.completed,
    (T.needs_approval, _E.alerts_resolved): T.completed,
    (T.failed_retryable, _E.alerts_resolved): T.completed,
    (T.executing, _E.alerts_resolved): T.executing,
    (T.escalated_to_human, _E.alerts_resolved): T.escalated_to_human,
    (T.failed_retryable, _E.backoff_over): T.queued,
    (T.failed_retryable, _E.attempts_spent): T.failed_terminal,
    (T.queued, _E.taken_over): T.escalated_to_human,
    (T.running, _E.taken_over): T.escalated_to_human,
    (T.needs_approval, _E.taken_over): T.escalated_to_human,
    (T.failed_retryable, _E.taken_over): T.escalated_to_human,
    (T.executing, _E.taken_over): T.escalated_to_human,
    (T.escalated_to_human, _E.handed_back): T.queued,
    (T.escalated_to_human, _E.closed_by_person): T.completed,
}

CARRIED_THROUGH = frozenset({P.succeeded, P.carried_out, P.undone})

_X = ProposalEvent
PROPOSAL: Mapping[tuple[P, ProposalEvent], P] = {
    (P.proposed, _X.asked): P.needs_approval,
    (P.proposed, _X.allowed): P.approved,
    (P.proposed, _X.drafted): P.drafted,
    (P.proposed, _X.denied): P.denied,
    (P.needs_approval, _X.approved): P.approved,
    (P.needs_approval, _X.rejected): P.rejected,
    (P.needs_approval, _X.expired): P.expired,
    (P.needs_approval, _X.superseded): P.superseded,
    (P.needs_approval, _X.withdrawn): P.withdrawn,
    (P.drafted, _X.carried_out): P.carried_out,
    (P.drafted, _X.rejected): P.rejected,
    (P.drafted, _X.expired): P.expired,
    (P.drafted, _X.superseded): P.superseded,
    (P.drafted, _X.withdrawn): P.withdrawn,
    (P.approved, _X.begun): P.executing,
    (P.approved, _X.policy_asks_more): P.needs_approval,
    (P.approved, _X.expired): P.expired,
    (P.approved, _X.denied): P.denied,
    (P.approved, _X.withdrawn): P.withdrawn,
    (P.executing, _X.applied): P.verifying,
    (P.executing, _X.nothing_sent): P.approved,
    (P.executing, _X.failed): P.failed,
    (P.executing, _X.outcome_lost): P.outcome_unknown,
    (P.verifying, _X.verified): P.succeeded,
    (P.verifying, _X.failed): P.failed,
    (P.verifying, _X.outcome_lost): P.outcome_unknown,
    (P.outcome_unknown, _X.applied): P.verifying,
    (P.outcome_unknown, _X.failed): P.failed,
    (P.outcome_unknown, _X.confirmed_by_person): P.succeeded,
    (P.outcome_unknown, _X.undone): P.undone,
    (P.succeeded, _X.undone): P.undone,
    (P.failed, _X.undone): P.undone,
}


def advance_task(state: T, event: TaskEvent) -> T:
    """
    Give the state after ``event``.

    Raises:
        IllegalMove: the table has no such pair.
    """
    try:
        return TASK[state, event]
    except KeyError:
        raise IllegalMove(state, event) from None


def advance_proposal(state: P, event: ProposalEvent) -> P:
    """
    Give the state after ``event``.

    Raises:
        IllegalMove: the table has no such pair.
    """
    try:
        return PROPOSAL[state, event]
    except KeyError:
        raise IllegalMove(state, event) from None


def terminal_tasks() -> frozenset[T]:
    """Give the task states without a way out, computed from the table."""
    return frozenset(T) - {state for state, _ in TASK}


def terminal_proposals() -> frozenset[P]:
    """Give the proposal states without a way out, computed from the table."""
    return frozenset(P) - {state for state, _ in PROPOSAL}


def settled_tasks() -> frozenset[T]:
    """Give the states on entering which everything open is withdrawn."""
    return terminal_tasks() | {T.escalated_to_human}


def after_run(
    proposals: Collection[P],
    outcome: RunOutcome,
    *,
    new_plan_asked: bool = False,
    left_unknown: bool = False,
) -> TaskEvent:
    """
    Judge what a run left behind, over all proposals of its task.

    A denied proposal is a dead end, and not "nothing to do", unless another one of the
    task was carried through. So is a run that could not say what is wrong
    (``left_unknown``): a person has to look.
    """
    if P.approved in proposals:
        return TaskEvent.run_found_executable
    if any(p.is_open for p in proposals):
        return TaskEvent.run_awaits_person
    if outcome is not RunOutcome.finished:
        crashed = outcome is RunOutcome.crashed
        return TaskEvent.run_crashed if crashed else TaskEvent.run_stuck
    if new_plan_asked:
        return TaskEvent.run_wants_new_plan
    dead_end = P.denied in proposals or left_unknown
    if dead_end and CARRIED_THROUGH.isdisjoint(proposals):
        return TaskEvent.run_stuck
    return TaskEvent.run_found_nothing


def after_closed(
    proposals: Collection[P], *, by_person: bool, new_plan_asked: bool, plans_left: bool
) -> TaskEvent:
    """
    Judge a task in ``needs_approval`` whose proposal was just closed.

    ``by_person`` tells a rejection or a draft marked done from an expiry or a void.
    """
    if any(p.is_open for p in proposals):
        return TaskEvent.proposal_closed
    if new_plan_asked:
        return TaskEvent.new_plan_asked if plans_left else TaskEvent.all_lapsed
    return TaskEvent.all_rejected if by_person else TaskEvent.all_lapsed


def after_executed(proposals: Collection[P]) -> TaskEvent:
    """Judge a task whose action was executed and verified."""
    if P.approved in proposals:
        return TaskEvent.executed_more_approved
    if any(p.is_open for p in proposals):
        return TaskEvent.executed_some_pending
    return TaskEvent.executed_none_open


def after_failed(proposals: Collection[P], *, undo_exists: bool) -> TaskEvent:
    """
    Judge a task whose action failed with effect; its undo is among ``proposals``.

    ``undo_exists`` is False where the tool has none or policy denies it: then a person
    has to look, whatever else is approved.
    """
    if not undo_exists:
        return TaskEvent.execution_lost
    if P.approved in proposals:
        return TaskEvent.undo_may_run
    if any(p.is_open for p in proposals):
        return TaskEvent.undo_awaits_person
    return TaskEvent.execution_lost


def after_lapsed(proposals: Collection[P], *, alerts_resolved: bool) -> TaskEvent:
    """Judge a task in ``executing`` whose approval no longer holds."""
    if P.approved in proposals:
        return TaskEvent.approval_lapsed_more_approved
    if any(p.is_open for p in proposals):
        return TaskEvent.approval_lapsed_some_pending
    if alerts_resolved:
        return TaskEvent.approval_lapsed_alert_resolved
    return TaskEvent.approval_lapsed_none_open
