"""add_ticket_comment: answer a ticket, or leave a note on it."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import (
    PROSE,
    Estimate,
    Order,
    Settled,
    Strict,
    Verification,
    WriteTool,
)
from gateway.subjects import Ticket
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque
from gateway.tools.ticket import TICKET_ID
from policy.tool_spec import ToolCategory


class CommentParams(Strict):
    ticket_id: str = Field(pattern=TICKET_ID, title="Ticket")
    body: str = Field(
        min_length=1, max_length=4000, title="Comment", json_schema_extra=PROSE
    )
    public: bool = Field(title="Public", description="the requester gets it by mail")


class CommentTarget(Strict):
    """The ticket as observed; ``alike`` counts comments of the same words."""

    ticket_id: str
    status: str
    comments: Count
    alike: Count
    version: Opaque


def title(params: CommentParams) -> str:
    kind = "Answer" if params.public else "Leave a note on"
    return f"{kind} ticket {params.ticket_id}"


async def observe(params: CommentParams, ports: Ports) -> CommentTarget:
    return _target(params, await ports.tickets.get(params.ticket_id))


async def estimate(
    params: CommentParams, before: CommentTarget, _ports: Ports
) -> Estimate:
    """Count the people outside who read it: the requester, or nobody."""
    people = 1 if params.public else 0
    reader = "the requester" if params.public else "nobody outside"
    return Estimate(
        amount=people,
        unit="people",
        text=f"{reader} reads it; the ticket is {before.status}",
        cost="a comment can't be taken back"
        if people
        else "a note stays on the ticket",
    )


def describe(params: CommentParams, before: CommentTarget) -> tuple[str, str]:
    kind = "public" if params.public else "internal"
    return _say(before.comments), f"one more, {kind}"


async def execute(
    params: CommentParams, before: CommentTarget, ports: Ports, order: Order
) -> CommentTarget:
    found = await ports.tickets.comment(
        params.ticket_id,
        body=params.body,
        public=params.public,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return _target(params, found)


def reconcile(
    _params: CommentParams, before: CommentTarget, now: CommentTarget
) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if now.alike > before.alike else Settled.unknown


async def verify(
    params: CommentParams, before: CommentTarget, ports: Ports
) -> Verification:
    """Verified when the ticket has one comment more of these words."""
    now = await observe(params, ports)
    return Verification(
        done=now.alike > before.alike,
        text=f"ticket {now.ticket_id} has {_say(now.comments)}",
        measures={"comments": float(now.comments)},
    )


def _target(params: CommentParams, found: Ticket) -> CommentTarget:
    words = (params.body.strip(), params.public)
    said = [(one.body.strip(), one.public) for one in found.comments]
    return pick(CommentTarget, found, comments=len(said), alike=said.count(words))


def _say(comments: int) -> str:
    return "1 comment" if comments == 1 else f"{comments:,} comments"


ADD_TICKET_COMMENT = WriteTool(
    name="add_ticket_comment",
    version=1,
    category=ToolCategory.write_irreversible,
    params=CommentParams,
    state=CommentTarget,
    target_params=("ticket_id",),
    reason_codes=("answer", "status_update", "internal_note"),
    port=lambda ports: ports.tickets,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
)
