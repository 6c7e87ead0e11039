"""A run's beginning and end: what it may know, and what it reports."""

from dataclasses import replace

import pytest

from gateway import session
from gateway.gate import RefusedCall
from tests.gateway.outside import SERVICE
from tests.gateway.world import World
from wire.proposals import RunReport


async def test_a_session_names_the_rejected(world: World) -> None:
    """A run starts with task, alerts, tools, budget, and what a person turned down."""
    claims = await world.start()
    begun = await session.read_session(world.gate, claims)

    assert str(claims.task_id) == begun.task.id
    assert list(claims.tools) == begun.tools
    assert (8, 60) == (begun.budget.tool_calls, begun.budget.seconds)
    assert [SERVICE] == [one.service for one in begun.alerts]
    assert () == begun.task.rejected


async def test_a_report_counts_once(world: World) -> None:
    """A second report of a run changes nothing."""
    claims = await world.start()
    for summary in ("first", "second"):
        report = RunReport(outcome="finished", summary=summary)
        await session.report_run(world.gate, claims, report)
    [entry] = await world.events(claims.task_id, "task.run_finished")

    assert "first" == entry["summary"]


async def test_a_report_of_a_lost_run_is_refused(world: World) -> None:
    """A run whose task moved on reports to nobody."""
    claims = replace(await world.start(), fence=99)

    with pytest.raises(RefusedCall, match="no longer holds"):
        await session.report_run(world.gate, claims, RunReport(outcome="finished"))
