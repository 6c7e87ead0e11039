import pytest
from pydantic import JsonValue

from runner.playbook_driver import (
    Action,
    CallTool,
    Finish,
    MakeProposal,
    cut_short,
    next_action,
)
from runner.transcript import Answer, Asked
from tests.runner.incidents import (
    asked,
    bad_flag,
    healthy,
    queue,
    refused,
    seen,
    session_of,
    snapshot,
    surge,
    traces,
    transcript,
    triage,
)
from wire.proposals import RunReport


def after(**answers: Answer) -> Action:
    return next_action(triage(), session_of(), transcript(**answers))


def report_after(**answers: Answer) -> RunReport:
    action = after(**answers)
    assert isinstance(action, Finish)
    return action.report


def texts(report: RunReport) -> str:
    return "\n".join(finding.text for finding in report.findings)


def test_it_begins_with_the_dashboard() -> None:
    """No answers yet: the first read."""
    action = after()

    assert action == CallTool(
        step="snapshot",
        tool="get_dashboard_snapshot",
        params={"dashboard_id": "discourse-overview", "window_seconds": 900},
    )


def test_another_teams_alert_is_for_a_person() -> None:
    """A healthy service says nothing of a dogpile: no read, and no "nothing to do"."""
    session = session_of()
    [alert] = session.alerts
    theirs = alert.model_copy(update={"labels": {"team": "safety"}})
    action = next_action(
        triage(), session.model_copy(update={"alerts": [theirs]}), transcript()
    )

    assert isinstance(action, Finish)
    assert "a person has to look" in "".join(action.report.unknowns)


def test_high_errors_ask_for_the_services_traces() -> None:
    """The service comes from the dashboard."""
    action = after(snapshot=seen("snapshot", bad_flag()))

    assert action == CallTool("traces", "trace_lookup", {"service": "discourse"})


def test_a_bad_flag_is_turned_off() -> None:
    """Raised lately and carried by the failing traces: the key comes from evidence."""
    action = after(
        snapshot=seen("snapshot", bad_flag()), traces=seen("traces", traces())
    )

    assert isinstance(action, MakeProposal)
    draft = action.draft
    assert draft.tool == "toggle_feature_flag"
    assert draft.params == {
        "flag_key": "new_ranker",
        "enabled": False,
        "rollout_percent": 0,
    }
    assert draft.reason_code == "incident_mitigation"
    assert draft.evidence_ids == ("e-snapshot", "e-traces")
    assert draft.because.startswith("93.0 % of the failing traces carry it")


def test_a_proposed_flag_ends_the_run() -> None:
    """The report states numbers, and cites what they come from."""
    report = report_after(
        snapshot=seen("snapshot", bad_flag()),
        traces=seen("traces", traces()),
        flag_off=asked(),
    )

    assert report.outcome == "finished"
    assert "5xx at 18.2 % (usual 0.2 %), p99 2400 ms (usual 310 ms)." in texts(report)
    assert "from 5 % to 100 % 240 s before the alert" in texts(report)
    assert report.findings[1].evidence_ids == ("e-snapshot", "e-traces")
    assert report.summary.endswith("Turn flag new_ranker off (needs approval)")
    assert report.unknowns == ()


def test_a_surge_is_throttled_below_capacity() -> None:
    """Nine tenths of what the route can carry, as a whole number."""
    action = after(
        snapshot=seen("snapshot", surge()), traces=seen("traces", traces(None))
    )

    assert isinstance(action, MakeProposal)
    assert action.draft.tool == "throttle_endpoint"
    assert action.draft.params == {
        "service": "discourse",
        "route": "/latest",
        "limit_rps": 450,
    }
    assert action.draft.summary == "Throttle /latest to 450 requests/s"


def test_a_flag_that_the_traces_do_not_carry_stays_on() -> None:
    """Raised lately, but another flag is in the traces: no proposal."""
    report = report_after(
        snapshot=seen("snapshot", bad_flag()),
        traces=seen("traces", traces("dark_mode")),
        queue=seen("queue", queue()),
    )

    assert "the failing traces do not" in texts(report)


def test_a_flag_raised_long_ago_stays_on() -> None:
    """Two hours before the alert is no cause."""
    action = after(
        snapshot=seen("snapshot", snapshot(rollout=100, ago=7200.0)),
        traces=seen("traces", traces()),
    )

    assert action == CallTool("queue", "get_queue_state", {"queue": "default"})


def test_the_healthy_twin_needs_nothing() -> None:
    """Usual errors: one read, no proposal, in spite of the raised flag."""
    report = report_after(snapshot=seen("snapshot", healthy()))

    assert report.summary == "Nothing to do: 5xx at 0.2 % (usual 0.2 %), p99 2400 ms."
    assert report.unknowns == ()


def test_a_long_incident_is_not_the_usual() -> None:
    """Where the window is ill throughout, 18 % of errors are high all the same."""
    ill = bad_flag()
    panels = ill["panels"]
    assert isinstance(panels, list)
    for one in panels:
        assert isinstance(one, dict)
        one["baseline"] = one["current"]

    assert isinstance(after(snapshot=seen("snapshot", ill)), CallTool)


def test_the_unknown_says_what_was_looked_at() -> None:
    """No flag, no surge: findings rule out, and an unknown says what is missing."""
    report = report_after(
        snapshot=seen("snapshot", snapshot()),
        traces=seen("traces", traces(None)),
        queue=seen("queue", queue()),
    )

    assert "Not a flag: none was raised" in texts(report)
    assert "Not the traffic: /latest, the busiest, takes 210" in texts(report)
    assert "Not the queue: default holds 120, 40 in and 41 out" in texts(report)
    assert len(report.unknowns) == 1
    assert "The cause is not in flags" in report.unknowns[0]


def test_flags_that_were_not_read_are_not_ruled_out() -> None:
    """None is shown, and that says nothing; the traffic is judged all the same."""
    blind: dict[str, JsonValue] = {"flags": [], "missing": ["flags: HTTP 502"]}
    report = report_after(
        snapshot=seen("snapshot", snapshot() | blind),
        traces=seen("traces", traces()),
        queue=seen("queue", queue()),
    )
    action = after(
        snapshot=seen("snapshot", surge() | blind), traces=seen("traces", traces())
    )

    assert "Not a flag" not in texts(report)
    assert "Not the traffic" in texts(report)
    assert "A part of the dashboard was not read" in report.unknowns[0]
    assert isinstance(action, MakeProposal)
    assert "throttle_endpoint" == action.draft.tool


@pytest.mark.parametrize("read", [True, False])
def test_flags_beyond_those_that_were_read_are_not_ruled_out(*, read: bool) -> None:
    """A system gives the first of them: which of the rest was raised, nobody saw."""
    more = snapshot() | {"flags_unread": 3}
    if not read:
        more["flags"] = []
    answers = {"traces": seen("traces", traces()), "queue": seen("queue", queue())}
    report = report_after(snapshot=seen("snapshot", more), **answers)
    rushed = report_after(
        snapshot=seen("snapshot", surge() | {"flags_unread": 3}),
        throttle=asked(),
        **answers,
    )

    assert "Not a flag" not in texts(report) + texts(rushed)
    assert "Not the traffic" in texts(report)
    assert "A part of the dashboard was not read" in report.unknowns[0]


def test_a_route_that_was_not_read_is_not_ruled_out() -> None:
    """The busiest of the others is not the busiest; their flags are judged."""
    unread: list[JsonValue] = ["routes: the requests of GET /a are no number"]
    report = report_after(
        snapshot=seen("snapshot", snapshot() | {"missing": unread}),
        traces=seen("traces", traces()),
        queue=seen("queue", queue()),
    )

    assert "Not the traffic" not in texts(report)
    assert "Not a flag" in texts(report)
    assert "A part of the dashboard was not read" in report.unknowns[0]


def test_a_growing_queue_is_said() -> None:
    """More in than out."""
    report = report_after(
        snapshot=seen("snapshot", snapshot()),
        traces=seen("traces", traces(None)),
        queue=seen("queue", queue(in_rate=80.0)),
    )

    assert "Queue default grows: 120 waiting" in texts(report)


def test_a_refused_dashboard_ends_in_an_unknown() -> None:
    """A refused read is a fact: the run ends usefully and proposes nothing."""
    report = report_after(snapshot=refused())

    assert report.findings == ()
    assert "was not read: ask again in a minute" in report.unknowns[0]
    assert "nothing is proposed" in report.unknowns[1]


def test_refused_traces_leave_the_surge_to_be_found() -> None:
    """One refused read does not end the search."""
    action = after(snapshot=seen("snapshot", surge()), traces=refused())

    assert isinstance(action, MakeProposal)
    assert action.draft.evidence_ids == ("e-snapshot",)


def test_a_denied_proposal_is_told() -> None:
    """What policy denies stands among the unknowns, with its reason."""
    report = report_after(
        snapshot=seen("snapshot", bad_flag()),
        traces=seen("traces", traces()),
        flag_off=Asked("denied", "deny", "frozen", "writes are frozen"),
    )

    assert report.unknowns == (
        "Policy denies “Turn flag new_ranker off”: writes are frozen",
    )


def test_a_refused_proposal_is_told() -> None:
    """A digest that was rejected before is refused again: the report says so."""
    report = report_after(
        snapshot=seen("snapshot", bad_flag()),
        traces=seen("traces", traces()),
        flag_off=refused(),
    )

    assert report.unknowns[0].startswith("Not proposed: Turn flag new_ranker off")


def test_evidence_with_holes_is_no_crash() -> None:
    """Empty traces and queue leave the cause unknown; an empty dashboard says so."""
    thin = snapshot()
    for missing in ("flags", "routes"):
        del thin[missing]
    report = report_after(
        snapshot=seen("snapshot", thin),
        traces=seen("traces", {}),
        queue=seen("queue", {}),
    )
    empty = report_after(snapshot=seen("snapshot", {"panels": []}))

    assert report.findings[0].text.startswith("5xx at 18.2 %")
    assert "The cause is not in flags" in report.unknowns[0]
    assert "no error ratio" in empty.unknowns[0]


def test_a_service_without_requests_is_not_well() -> None:
    """A ratio of nothing is none now, whatever it was; a person looks."""
    down = healthy()
    down["panels"] = [
        {**one, "current": None} if one["name"] == "error_ratio" else one  # type: ignore[index,dict-item,call-overload]
        for one in down["panels"]  # type: ignore[union-attr]
    ]
    report = report_after(snapshot=seen("snapshot", down))

    assert () == report.findings
    assert "no error ratio of now" in report.unknowns[0]
    assert "Nothing to do" not in report.summary


def test_no_limit_is_derived_from_an_unknown_capacity() -> None:
    """Nine tenths of nothing would lift the throttle."""
    surge = snapshot(rps=900.0)
    surge["routes"] = [
        {**one, "capacity_rps": None}  # type: ignore[dict-item]
        for one in surge["routes"]  # type: ignore[union-attr]
    ]
    step = after(snapshot=seen("snapshot", surge), traces=seen("traces", traces(None)))

    assert isinstance(step, CallTool)
    assert "get_queue_state" == step.tool


def test_a_spent_budget_reports_what_is_known() -> None:
    """Findings so far, and the step that was not taken."""
    report = cut_short(
        triage(),
        session_of(),
        transcript(snapshot=seen("snapshot", bad_flag())),
        why="the budget of 1 tool calls is spent",
    )

    assert report.outcome == "budget_spent"
    assert report.findings[0].text.startswith("5xx at 18.2 %")
    assert report.unknowns == (
        "Stopped before step traces: the budget of 1 tool calls is spent.",
    )


def test_the_same_answers_give_the_same_action() -> None:
    """So a killed runner goes on where its journal ends."""
    answers = {"snapshot": seen("snapshot", bad_flag())}

    assert after(**answers) == after(**answers)
