"""What events tell of a task, its alerts, its reads and its runs."""

from typing import Any
from uuid import UUID

from pydantic import Field

from wire.event_body import Digest, EventBody


class Created(EventBody):
    """A task was opened, by an alert, a person or another task."""

    kind: str
    title: str
    severity: str
    service: str | None
    agent: str
    agent_digest: Digest
    correlation_id: UUID
    born: str = Field(description="the state that it begins in")
    route: str | None = None
    alert: str | None = Field(default=None, description="its first alert's fingerprint")
    waits_for: str | None = None
    linked_to: UUID | None = Field(default=None, description="the task that it follows")


class Opened(EventBody):
    """A task that was held back is shown to people and workers."""

    why: str


class Moved(EventBody):
    """A task went from one state to another."""

    source: str = Field(alias="from")
    event: str
    to: str
    reason: str


class Failed(EventBody):
    """A task ended without a result."""

    source: str = Field(alias="from")
    event: str
    to: str
    reason: str


class OwnerChanged(EventBody):
    """Somebody took a task over, or handed it back."""

    source: str | None = Field(alias="from")
    to: str | None
    later: bool = Field(description="once the action that runs is over")


class Muted(EventBody):
    """Nobody is pinged about a task any more."""


class Unmuted(EventBody):
    """People are pinged about a task again."""


class AlertAdded(EventBody):
    """Alerts of a task fire."""

    alerts: list[str] = Field(description="fingerprints, the first of them")
    count: int


class AlertResolved(EventBody):
    """Alerts of a task have resolved."""

    alerts: list[str] = Field(description="fingerprints, the first of them")
    count: int
    all_resolved: bool = Field(description="none of the task's alerts fires any more")


class EvidenceAttached(EventBody):
    """A read gave evidence."""

    evidence: UUID
    call: UUID
    tool: str
    digest: Digest


class CallRefused(EventBody):
    """Policy or a limit refused a call."""

    tool: str
    phase: str
    code: str
    rule: str
    message: str


class CallFailed(EventBody):
    """A call, or the answer to a write, did not come."""

    error: str
    tool: str | None = None
    call: UUID | None = None
    proposal: UUID | None = None
    execution: UUID | None = None
    next: str | None = None


class ModelAnswered(EventBody):
    """A model answered a question of a run."""

    step: str
    model: str
    request: Digest
    answer: Digest | None
    fault: str | None
    error: str | None
    input_tokens: int
    output_tokens: int
    cost_microusd: int


class ModelFailed(EventBody):
    """A model gave no answer that can be used."""

    step: str
    model: str
    request: Digest
    answer: Digest | None
    fault: str | None
    error: str | None
    input_tokens: int
    output_tokens: int
    cost_microusd: int


class RunFinished(EventBody):
    """A run reported what it found."""

    run: UUID
    outcome: str
    summary: str
    findings: list[dict[str, Any]]
    unknowns: list[str]
    notes: list[str]
