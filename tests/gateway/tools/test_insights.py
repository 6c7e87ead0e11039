"""search_insights: past tasks and tickets, and which were not asked."""

from dataclasses import replace

from gateway.absent import absent_ports
from gateway.registry import Occasion
from gateway.subjects import PastTask
from gateway.tools.insights import InsightParams, search_insights
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_work import TICKET

OCCASION = Occasion(SCOPE, 1_800_000_000.0, None, None)
PARAMS = InsightParams(query="log in")
PAST = PastTask(
    task_id="t1",
    title="Users can't log in",
    kind="support",
    service="identity",
    state="completed",
    headline="sessions ended",
    opened_at=1.0,
    closed_at=2.0,
    actions=("revoke_sessions: done",),
    rank=0.5,
)


async def test_both_sources_are_searched(outside: Outside) -> None:
    """Tasks of the task's own scope; what was done is told."""
    outside.records.tasks = [PAST]
    found = await search_insights(PARAMS, outside.ports, OCCASION)

    assert [["revoke_sessions: done"]] == [one.actions for one in found.tasks]
    assert [TICKET] == [one.ticket_id for one in found.tickets]
    assert [SCOPE] == outside.records.scopes


async def test_a_source_that_is_not_there_is_missing(outside: Outside) -> None:
    """And no error."""
    outside.records.tasks = [PAST]
    ports = replace(outside.ports, tickets=absent_ports().tickets)
    found = await search_insights(PARAMS, ports, OCCASION)

    assert (1, []) == (len(found.tasks), found.tickets)
    assert ["tickets: no connector serves it here"] == found.missing
