import itertools
from enum import StrEnum

import pytest

from policy.lifecycle import (
    PROPOSAL,
    TASK,
    IllegalMove,
    ProposalEvent,
    TaskEvent,
    advance_proposal,
    advance_task,
    after_closed,
    after_executed,
    after_failed,
    after_lapsed,
    after_run,
    settled_tasks,
    terminal_proposals,
    terminal_tasks,
)
from policy.proposal import ProposalState as P
from policy.task import RunOutcome
from policy.task import TaskState as T

WAYS_OUT = {
    T.queued: "running completed escalated_to_human",
    T.running: "executing needs_approval queued completed escalated_to_human "
    "failed_retryable",
    T.needs_approval: "executing needs_approval queued completed escalated_to_human",
    T.executing: "executing needs_approval completed escalated_to_human",
    T.failed_retryable: "completed queued failed_terminal escalated_to_human",
    T.escalated_to_human: "escalated_to_human queued completed",
    T.completed: "",
    T.failed_terminal: "",
}

MOVES = {
    P.proposed: "needs_approval approved drafted denied",
    P.needs_approval: "approved rejected expired superseded withdrawn",
    P.drafted: "carried_out rejected expired superseded withdrawn",
    P.approved: "executing needs_approval expired denied withdrawn",
    P.executing: "verifying approved failed outcome_unknown",
    P.verifying: "succeeded failed outcome_unknown",
    P.outcome_unknown: "verifying failed succeeded undone",
    P.succeeded: "undone",
    P.failed: "undone",
}


@pytest.mark.parametrize("state", T)
def test_each_task_state_leads_where_the_design_says(state: T) -> None:
    """ARCHITECTURE §5, the task's table: no way more, no way less."""
    ways = {to for (start, _), to in TASK.items() if start is state}

    assert ways == {T(name) for name in WAYS_OUT[state].split()}


@pytest.mark.parametrize("state", P)
def test_each_proposal_state_leads_where_the_design_says(state: P) -> None:
    """ARCHITECTURE §5, the proposal's table: no way more, no way less."""
    ways = {to for (start, _), to in PROPOSAL.items() if start is state}

    assert ways == {P(name) for name in MOVES.get(state, "").split()}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(T, TaskEvent)))
def test_every_task_pair_moves_or_raises(state: T, event: TaskEvent) -> None:
    """A pair is in the table, or it raises and names state and event."""
    if (state, event) in TASK:
        assert advance_task(state, event) is TASK[state, event]
    else:
        with pytest.raises(IllegalMove, match=f"{state}: event {event}"):
            advance_task(state, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(P, ProposalEvent)))
def test_every_proposal_pair_moves_or_raises(state: P, event: ProposalEvent) -> None:
    """A pair is in the table, or it raises and names state and event."""
    if (state, event) in PROPOSAL:
        assert advance_proposal(state, event) is PROPOSAL[state, event]
    else:
        with pytest.raises(IllegalMove, match=f"{state}: event {event}"):
            advance_proposal(state, event)


def test_terminal_states() -> None:
    """Computed from the tables, and those that the design names."""
    assert terminal_tasks() == {T.completed, T.failed_terminal}
    assert settled_tasks() == {T.completed, T.failed_terminal, T.escalated_to_human}
    assert terminal_proposals() == {
        P.denied,
        P.rejected,
        P.expired,
        P.superseded,
        P.withdrawn,
        P.carried_out,
        P.undone,
    }


def test_every_event_is_used() -> None:
    """No event without a row."""
    assert {event for _, event in TASK} == set(TaskEvent)
    assert {event for _, event in PROPOSAL} == set(ProposalEvent)


@pytest.mark.parametrize(
    ("proposals", "outcome", "new_plan", "event"),
    [
        ([], "finished", False, "run_found_nothing"),
        ([P.rejected], "finished", False, "run_found_nothing"),
        ([P.needs_approval, P.approved], "finished", False, "run_found_executable"),
        ([P.denied, P.drafted], "finished", False, "run_awaits_person"),
        ([P.rejected], "finished", True, "run_wants_new_plan"),
        ([P.denied], "finished", False, "run_stuck"),
        ([P.rejected, P.denied], "finished", False, "run_stuck"),
        ([P.succeeded, P.denied], "finished", False, "run_found_nothing"),
        ([], "budget_spent", False, "run_stuck"),
        ([P.needs_approval], "budget_spent", False, "run_awaits_person"),
        ([], "crashed", False, "run_crashed"),
        ([P.rejected], "crashed", True, "run_crashed"),
        ([P.approved], "crashed", False, "run_found_executable"),
        ([P.needs_approval], "crashed", False, "run_awaits_person"),
    ],
)
def test_after_a_run(
    proposals: list[P], outcome: str, *, new_plan: bool, event: str
) -> None:
    """Judged over all of the task's proposals."""
    judged = after_run(proposals, RunOutcome(outcome), new_plan_asked=new_plan)

    assert judged is TaskEvent(event)


@pytest.mark.parametrize(
    ("proposals", "by_person", "new_plan", "left", "event"),
    [
        ([P.rejected, P.drafted], True, True, True, "proposal_closed"),
        ([P.rejected], True, True, True, "new_plan_asked"),
        ([P.rejected], True, True, False, "all_lapsed"),
        ([P.rejected], True, False, True, "all_rejected"),
        ([P.carried_out], True, False, True, "all_rejected"),
        ([P.expired], False, False, True, "all_lapsed"),
    ],
)
def test_after_a_proposal_closed(
    proposals: list[P], *, by_person: bool, new_plan: bool, left: bool, event: str
) -> None:
    """The last one closed decides where the task goes."""
    judged = after_closed(
        proposals, by_person=by_person, new_plan_asked=new_plan, plans_left=left
    )

    assert judged is TaskEvent(event)


@pytest.mark.parametrize(
    ("judged", "event"),
    [
        (after_executed([P.succeeded, P.approved]), "executed_more_approved"),
        (after_executed([P.succeeded, P.drafted]), "executed_some_pending"),
        (after_executed([P.succeeded]), "executed_none_open"),
        (after_failed([P.failed, P.approved], undo_exists=True), "undo_may_run"),
        (
            after_failed([P.failed, P.needs_approval], undo_exists=True),
            "undo_awaits_person",
        ),
        (after_failed([P.failed], undo_exists=True), "execution_lost"),
        (after_failed([P.failed, P.approved], undo_exists=False), "execution_lost"),
        (
            after_lapsed([P.expired, P.approved], alerts_resolved=False),
            "approval_lapsed_more_approved",
        ),
        (
            after_lapsed([P.needs_approval], alerts_resolved=True),
            "approval_lapsed_some_pending",
        ),
        (after_lapsed([P.expired], alerts_resolved=False), "approval_lapsed_none_open"),
        (
            after_lapsed([P.expired], alerts_resolved=True),
            "approval_lapsed_alert_resolved",
        ),
    ],
)
def test_after_an_execution(judged: StrEnum, event: str) -> None:
    """Approved ones first, then pending ones, then none."""
    assert judged is TaskEvent(event)
