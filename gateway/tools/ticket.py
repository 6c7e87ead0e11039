"""get_ticket: one support ticket with its conversation."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict, personal
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, UnixSeconds

TICKET_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$"


class TicketParams(Strict):
    ticket_id: str = Field(pattern=TICKET_ID, title="Ticket")


class TicketComment(Strict):
    """Only ``public`` ones reach the requester; ``at`` is Unix seconds."""

    author_name: str = Field(json_schema_extra=personal("name"))
    body: str
    public: bool
    at: UnixSeconds


class TicketAnswer(Strict):
    """The newest comments, oldest first; ``earlier_comments`` more came before."""

    ticket_id: str
    subject: str
    status: str
    priority: str
    requester_name: str = Field(json_schema_extra=personal("name"))
    requester_email: str = Field(json_schema_extra=personal("email"))
    user_id: str | None
    tags: list[str]
    created_at: UnixSeconds
    updated_at: UnixSeconds
    comments: list[TicketComment]
    earlier_comments: Count


async def read_ticket(
    params: TicketParams, ports: Ports, _occasion: Occasion
) -> TicketAnswer:
    """Read one ticket."""
    ticket = await ports.tickets.get(params.ticket_id)
    return pick(
        TicketAnswer,
        ticket,
        tags=list(ticket.tags),
        comments=[
            pick(TicketComment, one, author_name=one.author) for one in ticket.comments
        ],
    )


GET_TICKET = ReadTool(
    name="get_ticket",
    version=2,
    params=TicketParams,
    result=TicketAnswer,
    read=read_ticket,
    tainted_fields=frozenset(
        {"subject", "body", "author_name", "requester_name", "requester_email", "tags"}
    ),
)
