"""A whole run with a model, against a gateway that answers from a table."""

import httpx

from runner.budget import Budget
from runner.gateway_client import GatewayClient
from runner.model_loop import run_model
from tests.runner.fake_gateway import FakeGateway, answer_tool, refuse
from tests.runner.incidents import bad_flag, traces
from tests.runner.modelled import (
    DASHBOARD,
    ScriptedModel,
    proposal,
    report,
    session_with,
    views,
)
from wire.proposals import RunReport

SNAPSHOT = "/v1/tools/get_dashboard_snapshot"
TRACES = "/v1/tools/trace_lookup"
LOOK = ("get_dashboard_snapshot", DASHBOARD)
PROPOSE = ("propose_toggle_feature_flag", proposal())


def gateway_of() -> FakeGateway:
    listed = [one.model_dump(mode="json") for one in views()]
    return FakeGateway(
        session=session_with(),
        replies={
            "/v1/tools": [lambda _: httpx.Response(200, json=listed)],
            SNAPSHOT: [answer_tool("snapshot", bad_flag())],
            TRACES: [answer_tool("traces", traces())],
        },
    )


def run(
    model: ScriptedModel, gateway: FakeGateway, *, seconds: float = 60.0
) -> RunReport:
    client = GatewayClient(
        gateway.http(), sleep=gateway.sleep, seconds_left=lambda: seconds
    )
    budget = Budget(tool_calls=8, seconds=seconds, started_at=0.0)
    return run_model(client, model, gateway.session, budget=budget, clock=gateway.clock)


def test_it_reads_proposes_and_reports() -> None:
    """Each call under the step of its use."""
    gateway = gateway_of()
    model = ScriptedModel([[LOOK], [PROPOSE], [("report", report())]])
    made = run(model, gateway)
    [asked] = gateway.asked("/v1/proposals")

    assert ("finished", "Errors.") == (made.outcome, made.summary)
    assert ("e-snapshot",) == made.findings[0].evidence_ids
    assert "t2.1" == asked["key"]  # type: ignore[index,call-overload]
    assert ["t1", "t2", "t3"] == [one.step for one in model.asked]


def test_with_the_model_down_the_playbook_takes_over() -> None:
    """It finds what it always finds, and the report says why it was asked."""
    gateway = gateway_of()
    made = run(ScriptedModel(["model_busy"]), gateway)

    assert "Turn flag new_ranker off" in made.summary
    assert 1 == len(gateway.asked("/v1/proposals"))
    assert "the playbook took over: busy: model_busy happened" in made.notes[0]
    assert () == made.unknowns


def test_a_refused_read_is_told_to_the_model() -> None:
    """It may go another way."""
    gateway = gateway_of()
    gateway.replies[SNAPSHOT] = [refuse(424, "unreadable")]
    words = report(findings=[], unknowns=["The dashboard was not to be had."])
    model = ScriptedModel([[LOOK], [("report", words)]])
    made = run(model, gateway)

    assert "unreadable" in str(model.asked[1].messages[-1]["content"])
    assert "The dashboard was not to be had." == made.unknowns[0]
    assert "Looked at: nothing." == made.unknowns[1]


def test_a_refused_proposal_is_told_to_the_model() -> None:
    """Nothing was proposed, so a dead model leaves the rest to the playbook."""
    gateway = gateway_of()
    gateway.replies["/v1/proposals"] = [refuse(403, "denied")]
    made = run(ScriptedModel([[LOOK], [PROPOSE], "model_cut"]), gateway)

    assert made.notes


def test_spent_seconds_end_in_what_is_known() -> None:
    """A person has to look."""
    gateway = gateway_of()
    made = run(ScriptedModel([[LOOK]]), gateway, seconds=0.0)

    assert ("budget_spent", []) == (made.outcome, gateway.asked(SNAPSHOT))


def test_a_run_that_goes_on_asks_the_same_questions() -> None:
    """Byte for byte, so that the gateway's journal answers them."""
    models = [
        ScriptedModel([[LOOK], [PROPOSE], [("report", report())]]) for _ in range(2)
    ]
    for model in models:
        run(model, gateway_of())

    assert models[0].asked == models[1].asked
