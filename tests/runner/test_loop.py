import pytest

from runner.budget import Budget
from runner.errors import PlaybookError
from runner.gateway_client import GatewayClient
from runner.loop import run_session
from tests.runner.fake_gateway import FakeGateway, answer_tool, refuse
from tests.runner.incidents import bad_flag, session_of, traces
from wire.proposals import RunReport

SNAPSHOT = "/v1/tools/get_dashboard_snapshot"
TRACES = "/v1/tools/trace_lookup"


def run(
    gateway: FakeGateway, *, tool_calls: int = 8, seconds: float = 60.0
) -> RunReport:
    client = GatewayClient(
        gateway.http(), sleep=gateway.sleep, seconds_left=lambda: seconds
    )
    budget = Budget(tool_calls=tool_calls, seconds=seconds, started_at=0.0)
    return run_session(client, gateway.session, budget=budget, clock=gateway.clock)


def incident() -> FakeGateway:
    return FakeGateway(
        replies={
            SNAPSHOT: [answer_tool("snapshot", bad_flag())],
            TRACES: [answer_tool("traces", traces())],
        }
    )


def test_an_incident_ends_in_a_proposal() -> None:
    """Two reads, one proposal, one report."""
    gateway = incident()
    report = run(gateway)

    assert [path for path, _ in gateway.seen] == [SNAPSHOT, TRACES, "/v1/proposals"]
    assert report.outcome == "finished"
    assert "Turn flag new_ranker off" in report.summary


def test_a_refused_read_goes_on() -> None:
    """The refusal is a fact of the report."""
    gateway = incident()
    gateway.replies[TRACES] = [refuse(429, "rate_limited")]
    report = run(gateway)

    assert report.outcome == "finished"
    assert "trace_lookup was not read: rate_limited: mend it" in report.unknowns


def test_spent_calls_end_in_a_partial_report() -> None:
    """One call allowed: its finding is reported."""
    report = run(incident(), tool_calls=1)

    assert report.outcome == "budget_spent"
    assert report.findings[0].text.startswith("5xx at 18.2 %")


def test_a_proposal_costs_no_tool_call() -> None:
    """Two calls are enough for two reads and a proposal."""
    assert run(incident(), tool_calls=2).outcome == "finished"


def test_spent_seconds_end_in_a_partial_report() -> None:
    """No time at all: nothing is asked."""
    gateway = incident()
    report = run(gateway, seconds=0.0)

    assert (report.outcome, gateway.seen) == ("budget_spent", [])


def test_a_playbook_that_does_not_load_is_an_error() -> None:
    """It names the agent's version."""
    gateway = FakeGateway(session=session_of({"steps": []}))

    with pytest.raises(PlaybookError, match=r"reliability-triage/1\.yaml"):
        run(gateway)
