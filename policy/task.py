"""The words of a task."""

from enum import StrEnum


class TaskKind(StrEnum):
    reliability = "reliability"
    safety = "safety"
    support = "support"
    growth = "growth"
    data = "data"


class TaskState(StrEnum):
    """The spec's states, in its words."""

    queued = "queued"
    running = "running"
    needs_approval = "needs_approval"
    executing = "executing"
    completed = "completed"
    failed_retryable = "failed_retryable"
    failed_terminal = "failed_terminal"
    escalated_to_human = "escalated_to_human"


class RunOutcome(StrEnum):
    """What a run says of itself when it ends; it decides nothing."""

    finished = "finished"
    budget_spent = "budget_spent"
    crashed = "crashed"
