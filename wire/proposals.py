"""Proposals and the end of a run, as a runner sends them."""

from typing import Literal

from pydantic import Field, JsonValue

from wire.tools import Frozen


class Finding(Frozen):
    """
    One sentence for a person, with the evidence that it rests on.

    ``quotes`` are values that a model says the evidence holds, as it would show them;
    the gateway looks, and takes the evidence off a finding that it does not bear out.
    """

    text: str = Field(max_length=600)
    evidence_ids: tuple[str, ...] = ()
    quotes: tuple[str, ...] = Field(default=(), max_length=20)


class ProposalDraft(Frozen):
    """
    An action that a runner would like to see done.

    ``key`` is the idempotency key within the run. ``summary`` and ``because`` are the
    runner's claims: shown as such, deciding nothing.
    """

    key: str = Field(min_length=1, max_length=120)
    tool: str
    params: dict[str, JsonValue]
    reason_code: str
    summary: str = Field(max_length=300)
    because: str = Field(default="", max_length=600)
    confidence: float | None = Field(default=None, ge=0, le=1)
    evidence_ids: tuple[str, ...] = ()


class ProposalAnswer(Frozen):
    """What policy made of it."""

    proposal_id: str
    state: str
    verdict: Literal["allow", "require_approval", "draft_only", "deny"]
    rule: str
    reason: str
    replayed: bool = False


class RunReport(Frozen):
    """
    The end of a run; findings carry citations, ``unknowns`` what it cannot say.

    ``notes`` say how the run went, where that is not as usual; they ask nobody to look.
    """

    outcome: Literal["finished", "budget_spent", "crashed"]
    summary: str = Field(default="", max_length=600)
    findings: tuple[Finding, ...] = ()
    unknowns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
