"""What the worker asks of the gateway over the control socket."""

from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from wire.tools import Frozen


class Decision(Frozen):
    """
    A person's click, authenticated by Slack's signature or by the person's own.

    ``digest`` is what the person saw; ``grant`` approves, and lets the same run by
    itself as the card offers.
    ``signature`` is Base64, and ``signed_at`` in Unix seconds; a click has none.
    """

    proposal_id: UUID
    digest: str
    person: str
    slack_user: str
    verdict: Literal[
        "approve",
        "grant",
        "reject",
        "edit",
        "undo",
        "carried_out",
        "took_effect",
        "no_effect",
        "reveal",
    ]
    comment: str = Field(default="", max_length=2000)
    reason_code: str = ""
    new_plan: bool = False
    signature: str = Field(default="", max_length=200)
    signed_at: float = 0.0
    params: dict[str, JsonValue] | None = None


class DecisionRequest(Decision):
    """A decision as the web process stored it: ``inbox_id`` makes a repeat harmless."""

    inbox_id: UUID


class DecisionAnswer(Frozen):
    """
    What became of the click.

    ``code`` is one of ``approved``, ``counted``, ``rejected``, ``edited``,
    ``undo_proposed``, ``attested``, ``revealed``, or a refusal
    (``already_decided``, ``superseded``, ``expired``, ``not_yours``, ``frozen``,
    ``out_of_bounds``, ``unknown_person``, ``stale_digest``, ``undo_refused``).
    ``text`` is for the person.
    """

    code: str
    text: str
    proposal_id: UUID


class ExecutionRequest(Frozen):
    """
    ``fence`` is the worker's claim on the task.

    0 asks for a task that nobody executes any more (it was taken over, or given up):
    what was under way is read back and measured, and nothing begins.
    """

    tenant_id: str
    environment: str
    task_id: UUID
    fence: int


class ExecutionAnswer(Frozen):
    """
    How far the one current execution of the task has come.

    ``verify_after_seconds`` says when to ask again while ``verifying`` or unsettled.
    """

    code: Literal[
        "verifying",
        "succeeded",
        "failed",
        "refused_for_now",
        "lapsed",
        "unknown",
        "idle",
    ]
    text: str
    retry_after_seconds: float = 0.0


class PageRequest(Frozen):
    """A page that waits in the outbox; ``post_id`` names its row."""

    tenant_id: str
    environment: str
    post_id: UUID


class PageAnswer(Frozen):
    """``code``: ``over`` needs nothing more, ``waits`` is to be asked for again."""

    code: Literal["over", "waits"]
    text: str
    retry_after_seconds: float = 0.0


class ReversionRequest(Frozen):
    """An action whose time may be over; ``reversion_id`` names its row."""

    tenant_id: str
    environment: str
    reversion_id: UUID


class ReversionAnswer(Frozen):
    """
    How far the reversion has come.

    ``code``: ``over`` needs nothing more, ``waits`` is looked at again by itself.
    """

    code: Literal["over", "waits"]
    text: str
