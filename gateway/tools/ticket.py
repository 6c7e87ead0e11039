"""get_ticket: one support ticket with its conversation."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict, personal
from gateway.subjects import Comment
from gateway.tools.picked import pick

TICKET_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$"
_MOST_COMMENTS = 20
_MOST_CHARACTERS = 4000


class TicketParams(Strict):
    ticket_id: str = Field(pattern=TICKET_ID, title="Ticket")


class TicketComment(Strict):
    """Only ``public`` ones reach the requester; ``at`` is Unix seconds."""

    author_name: str = Field(json_schema_extra=personal("name"))
    body: str
    public: bool
    at: float


class TicketAnswer(Strict):
    """The last twenty comments, oldest first, each of 4,000 characters at most."""

    ticket_id: str
    subject: str
    status: str
    priority: str
    requester_name: str = Field(json_schema_extra=personal("name"))
    requester_email: str = Field(json_schema_extra=personal("email"))
    user_id: str | None
    tags: list[str]
    created_at: float
    updated_at: float
    comments: list[TicketComment]


async def read_ticket(
    params: TicketParams, ports: Ports, _occasion: Occasion
) -> TicketAnswer:
    """Read one ticket."""
    ticket = await ports.tickets.get(params.ticket_id)
    return pick(
        TicketAnswer,
        ticket,
        tags=list(ticket.tags),
        comments=[_comment(one) for one in ticket.comments[-_MOST_COMMENTS:]],
    )


def _comment(one: Comment) -> TicketComment:
    body = one.body[:_MOST_CHARACTERS]
    return pick(TicketComment, one, author_name=one.author, body=body)


GET_TICKET = ReadTool(
    name="get_ticket",
    version=1,
    params=TicketParams,
    result=TicketAnswer,
    read=read_ticket,
    tainted_fields=frozenset(
        {"subject", "body", "author_name", "requester_name", "requester_email", "tags"}
    ),
)
