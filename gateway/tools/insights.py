"""search_insights: past tasks and support tickets like what is asked."""

from collections.abc import Sequence

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.subjects import PastTask, Ticket
from gateway.tools.picked import pick
from gateway.tools.quantity import UnixSeconds
from gateway.tools.sources import Sources

_MOST = 5


class InsightParams(Strict):
    query: str = Field(min_length=2, max_length=200)


class PastRow(Strict):
    """``actions`` are ``tool: state``; instants are Unix seconds."""

    task_id: str
    title: str
    kind: str
    service: str | None
    state: str
    headline: str
    opened_at: UnixSeconds
    closed_at: UnixSeconds | None
    actions: list[str]


class TicketRow(Strict):
    ticket_id: str
    subject: str
    status: str
    user_id: str | None
    tags: list[str]
    created_at: UnixSeconds


class Insights(Strict):
    """The five likest of each, best first."""

    tasks: list[PastRow]
    tickets: list[TicketRow]
    missing: list[str]


async def search_insights(
    params: InsightParams, ports: Ports, occasion: Occasion
) -> Insights:
    """Search our own settled tasks, and the tickets."""
    sources = Sources()
    tasks = await sources.ask(
        "past tasks",
        ports.records.search_tasks(occasion.scope, params.query, most=_MOST),
    )
    tickets = await sources.ask(
        "tickets", ports.tickets.search(params.query, most=_MOST)
    )
    return Insights(
        tasks=_past(tasks or ()),
        tickets=_tickets(tickets or ()),
        missing=sources.missing,
    )


def _past(found: Sequence[PastTask]) -> list[PastRow]:
    return [pick(PastRow, one, actions=list(one.actions)) for one in found]


def _tickets(found: Sequence[Ticket]) -> list[TicketRow]:
    return [pick(TicketRow, one, tags=list(one.tags)) for one in found]


SEARCH_INSIGHTS = ReadTool(
    name="search_insights",
    version=1,
    params=InsightParams,
    result=Insights,
    read=search_insights,
    tainted_fields=frozenset({"title", "headline", "subject", "tags"}),
)
