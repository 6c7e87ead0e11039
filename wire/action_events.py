"""What events tell of an action: proposed, decided, carried out, taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from wire.event_body import Digest, EventBody


class ProposedAction(EventBody):
    """An action was proposed, under the digest that people are shown."""

    proposal: UUID
    revision: int
    tool: str
    params: dict[str, Any]
    reason_code: str
    digest: Digest
    decision: UUID
    rule: str
    state: str
    quorum: int | None = Field(
        default=None,
        description="how many people have to agree; 0 where its rule lets it run",
    )
    evidence: list[UUID]


class CardShown(EventBody):
    """Slack has confirmed that a card is shown."""

    proposal: UUID
    digest: Digest | None
    channel: str
    ts: str


class Reminded(EventBody):
    """People were reminded of a card that waits."""

    proposal: UUID
    people: list[str]


class CardEscalated(EventBody):
    """The next roles were asked too, because nobody had answered."""

    proposal: UUID
    source: list[str] = Field(alias="from")
    to: list[str]
    people: list[str]


class Paged(EventBody):
    """A pager was asked to call somebody."""

    proposal: UUID
    cause: str
    tries: int
    called: bool


class PageFailed(EventBody):
    """A pager could not be asked."""

    proposal: UUID
    cause: str
    tries: int
    error: str
    resolving: bool


class PageResolved(EventBody):
    """A page is over."""

    proposal: UUID
    cause: str
    tries: int


class EvidenceOpened(EventBody):
    """Somebody opened what a card cites."""

    proposal: UUID
    digest: Digest


class ClickReceived(EventBody):
    """Somebody decided on a card, and it counts."""

    proposal: UUID
    digest: str
    verdict: str
    code: str
    inbox: UUID
    seconds_shown: float | None
    evidence_opened: bool


class ClickRefused(EventBody):
    """Somebody decided on a card, and it does not count."""

    proposal: UUID
    digest: str
    verdict: str
    code: str
    inbox: UUID
    seconds_shown: float | None
    evidence_opened: bool


class Approved(EventBody):
    """As many people as it needs approved an action."""

    proposal: UUID
    digest: Digest
    people: list[str]
    approval: UUID
    comment: str


class Rejected(EventBody):
    """Somebody rejected an action."""

    proposal: UUID
    digest: Digest
    reason_code: str
    comment: str
    new_plan: bool


class Edited(EventBody):
    """Somebody changed an action's params; the newer proposal is another card."""

    proposal: UUID
    newer: UUID
    diff: dict[str, Any]
    voided: list[str]


class AskedAnew(EventBody):
    """Policy sent a card back to people, under another digest."""

    proposal: UUID
    digest: Digest
    decision: UUID
    rule: str
    quorum: int | None = None
    voided: list[str]
    reason: str


class QuorumRaised(EventBody):
    """One more person has to agree than the rule says."""

    proposal: UUID
    person: str
    quorum: int


class VotesVoided(EventBody):
    """What people had approved before a restore counts no more; they may vote again."""

    proposal: UUID
    voided: list[str]
    reason: str


class QuorumRestored(EventBody):
    """As many have to agree as the rule says: whose vote came unread has looked."""

    proposal: UUID
    person: str
    quorum: int


class ProposalClosed(EventBody):
    """A card waits no more."""

    proposal: UUID
    digest: Digest
    state: str
    reason: str


class Revealed(EventBody):
    """Somebody was shown who stands behind placeholders."""

    proposal: UUID
    placeholders: list[str]


class AutonomyGranted(EventBody):
    """Somebody let the same run without asking, for a time."""

    grant: UUID
    proposal: UUID
    tool: str
    service: str
    kind: str
    most: int
    most_risk: int
    expires_at: datetime


class AutonomyUsed(EventBody):
    """An action ran under a grant."""

    grant: UUID
    proposal: UUID
    person: str
    left: int


class AutonomyWithdrawn(EventBody):
    """A grant was taken back."""

    grant: UUID
    used: int
    left: int


class ExecutionBegun(EventBody):
    """An action is about to be sent."""

    proposal: UUID
    digest: Digest
    execution: UUID
    rule: str
    fence: int


class ExecutionRefused(EventBody):
    """An action was not sent, or its system did not take it."""

    proposal: UUID
    execution: UUID | None = None
    outcome: str | None = None
    after: dict[str, Any] | None = None
    error: str | None = None
    rule: str | None = None
    reason: str | None = None


class Executed(EventBody):
    """An action took effect."""

    proposal: UUID
    execution: UUID
    outcome: str
    after: dict[str, Any] | None
    error: str | None


class AnsweredLate(EventBody):
    """A system answered after the outcome was settled without it."""

    proposal: UUID
    execution: UUID
    stands: str
    answer: str
    after: dict[str, Any] | None
    error: str | None


class GivenUp(EventBody):
    """Nobody can tell what became of an action."""

    proposal: UUID
    state: str
    reason: str


class Attested(EventBody):
    """Somebody said what became of an action."""

    proposal: UUID
    digest: Digest
    word: str
    comment: str
    target: dict[str, Any] | None
    target_text: str


class Verified(EventBody):
    """It was measured whether an action worked."""

    proposal: UUID
    execution: UUID
    worked: bool
    text: str
    seconds: float = Field(description="from the effect to the finding")


class UndoProposed(EventBody):
    """An undo of an action was proposed."""

    proposal: UUID
    undo: UUID
    task: UUID
    state: str


class Undone(EventBody):
    """An action was taken back."""

    proposal: UUID
    undo: UUID
    task: UUID


class ReversionScheduled(EventBody):
    """An action will be taken back by itself."""

    proposal: UUID
    due_at: datetime


class ReversionBegun(EventBody):
    """An action that expired is being taken back."""

    proposal: UUID
    execution: UUID


class Reverted(EventBody):
    """An action that expired is over."""

    proposal: UUID
    state: str
    reason: str


class ReversionFailed(EventBody):
    """An action that expired could not be taken back."""

    proposal: UUID
    state: str
    reason: str
