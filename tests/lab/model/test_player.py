"""A model by rule: the same question, the same answer."""

import json
from typing import Any

from lab.model.player import play

FLAG = {
    "key": "new_ranker",
    "enabled": True,
    "rollout_percent": 100,
    "previous_rollout_percent": 0,
    "seconds_before_alert": 40,
}
TOOLS = [
    {"type": "function", "function": {"name": name}}
    for name in ("get_dashboard_snapshot", "propose_toggle_feature_flag", "report")
]
START: list[dict[str, Any]] = [
    {"role": "system", "content": "You triage."},
    {"role": "user", "content": json.dumps({"task": {"service": "discourse"}})},
]


def after(*steps: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Give a question in which these tools were called and gave these results."""
    messages = list(START)
    for name, result in steps:
        call = {"id": name, "function": {"name": name, "arguments": "{}"}}
        messages += [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": name, "content": json.dumps(result)},
        ]
    return {"messages": messages, "tools": TOOLS}


def said(body: dict[str, Any]) -> tuple[str, Any]:
    [call] = play(body).calls
    return call.name, call.arguments


def snapshot(*flags: dict[str, Any]) -> dict[str, Any]:
    panels = [{"name": "error_ratio", "current": 0.18}]
    return {"evidence": "E1", "result": {"panels": panels, "flags": list(flags)}}


def test_it_looks_first() -> None:
    """At the dashboard of the task's service."""
    name, arguments = said(after())

    assert "get_dashboard_snapshot" == name
    assert "discourse-overview" == arguments["dashboard_id"]


def test_it_proposes_what_the_evidence_names() -> None:
    """The flag that was raised, and then the report cites it."""
    seen: list[tuple[str, dict[str, Any]]] = [
        ("get_dashboard_snapshot", snapshot(FLAG)),
        ("trace_lookup", {}),
    ]
    name, arguments = said(after(*seen))
    done, report = said(after(*seen, ("propose_toggle_feature_flag", {})))

    assert "propose_toggle_feature_flag" == name
    assert "new_ranker" == arguments["params"]["flag_key"]
    assert "report" == done
    assert ["0.18"] == report["findings"][0]["quotes"]


def test_it_proposes_nothing_where_nothing_was_raised() -> None:
    """It says that the cause is open."""
    name, report = said(
        after(("get_dashboard_snapshot", snapshot()), ("trace_lookup", {}))
    )

    assert "report" == name
    assert report["unknowns"]
