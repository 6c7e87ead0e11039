"""A run's beginning and end: what it may know, and what it reports."""

import json
from dataclasses import replace

import pytest

from gateway import session
from gateway.gate import RefusedCall
from tests.gateway.modelled import FakeModel, with_model
from tests.gateway.outside import SERVICE
from tests.gateway.world import World
from wire.proposals import Finding, RunReport


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


async def test_a_session_with_a_model_is_given_again(world: World) -> None:
    """What happens meanwhile is not in it, so that its questions stay the same."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    first = await session.read_session(asked.gate, claims)
    await asked.database_change(
        "UPDATE alerts SET status = 'resolved' WHERE tenant_id = :tenant",
        tenant=asked.scope.tenant_id,
    )
    again = await session.read_session(asked.gate, claims)

    assert "model" == first.driver
    assert first.model is not None
    assert first == again
    assert json.dumps(first.playbook) == json.dumps(again.playbook)


async def test_a_session_without_a_model_is_as_it_is_now(world: World) -> None:
    """A playbook's run sees the alerts of the moment, and nothing is kept for it."""
    claims = await world.start()
    first = await session.read_session(world.gate, claims)
    await world.database_change(
        "UPDATE alerts SET status = 'resolved' WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
    )
    again = await session.read_session(world.gate, claims)

    assert ("playbook", None) == (first.driver, first.model)
    assert "resolved" == again.alerts[0].status
    assert [] == await world.rows("SELECT 1 AS one FROM journal")


async def test_a_models_finding_is_cited_if_evidence_holds_it(world: World) -> None:
    """A playbook's findings are its own; a model's are looked up."""
    finding = {"text": "It is 77 %.", "quotes": ("77",)}
    cited = []
    for at in (world, with_model(world, FakeModel())):
        claims = await at.start()
        seen = await at.look(claims)
        stated = Finding.model_validate({**finding, "evidence_ids": [seen.evidence_id]})
        report = RunReport(outcome="finished", findings=(stated,))
        await session.report_run(at.gate, claims, report)
        [entry] = await at.events(claims.task_id, "task.run_finished")
        cited.append(len(entry["findings"][0]["evidence_ids"]))  # type: ignore[index,call-overload,arg-type]

    assert [1, 0] == cited
