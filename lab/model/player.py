"""
A model that plays its part by rule: what it says depends on the question alone.

It triages errors of a service as a fair agent would: the dashboard, the traces, a
proposal where both name one flag, and a report. A question that is asked again is
answered alike, so that a journey may kill whoever asks.
"""

import json
import re
from collections.abc import Sequence

from lab.json_object import JsonObject
from lab.model.turn import ToolUse, Turn

_FLAG = "toggle_feature_flag"


def play(body: JsonObject) -> Turn:
    """Give the next turn for a chat completion's body."""
    messages = [one for one in body.get("messages", []) if isinstance(one, dict)]
    asked = _asked(messages)
    offered = {
        str(one.get("function", {}).get("name"))
        for one in body.get("tools", [])
        if isinstance(one, dict)
    }
    service = _service(messages)
    if "get_dashboard_snapshot" not in asked:
        look = {"dashboard_id": f"{service}-overview", "window_seconds": 900}
        return _turn("get_dashboard_snapshot", look)
    if "trace_lookup" not in asked:
        return _turn("trace_lookup", {"service": service, "trace_id": None})
    flag = _raised_flag(messages)
    propose = f"propose_{_FLAG}"
    if flag is not None and propose in offered and propose not in asked:
        return _turn(propose, _proposal(flag))
    return _turn("report", _report(messages, flag))


def _turn(name: str, arguments: JsonObject) -> Turn:
    return Turn(calls=[ToolUse(name=name, arguments=arguments)])


def _asked(messages: Sequence[JsonObject]) -> set[str]:
    return {
        str(call.get("function", {}).get("name"))
        for one in messages
        if one.get("role") == "assistant"
        for call in one.get("tool_calls") or []
    }


def _service(messages: Sequence[JsonObject]) -> str:
    text = " ".join(str(one.get("content")) for one in messages[:2])
    found = re.search(r'"service":\s*"([a-z0-9_-]+)"', text)
    return found[1] if found else "unknown"


def _results(messages: Sequence[JsonObject]) -> list[JsonObject]:
    found = []
    for one in messages:
        if one.get("role") == "tool":
            try:
                parsed = json.loads(str(one.get("content")))
            except ValueError:
                continue
            found.append(parsed if isinstance(parsed, dict) else {})
    return found


def _raised_flag(messages: Sequence[JsonObject]) -> JsonObject | None:
    """Find the flag that the snapshot shows as raised lately."""
    for result in _results(messages):
        for flag in result.get("result", {}).get("flags", []):
            ago = flag.get("seconds_before_alert")
            raised = flag["rollout_percent"] > flag["previous_rollout_percent"]
            if flag["enabled"] and raised and ago is not None and ago <= 3600:  # noqa: PLR2004 - an hour
                return dict(flag)
    return None


def _error_ratio(messages: Sequence[JsonObject]) -> float | None:
    for result in _results(messages):
        for panel in result.get("result", {}).get("panels", []):
            if panel.get("name") == "error_ratio":
                return float(panel["current"])
    return None


def _proposal(flag: JsonObject) -> JsonObject:
    return {
        "params": {"flag_key": flag["key"], "enabled": False, "rollout_percent": 0},
        "reason_code": "incident_mitigation",
        "summary": f"Turn flag {flag['key']} off",
        "because": "Its rollout was raised just before the errors began.",
        "confidence": 0.8,
        "evidence": ["E1", "E2"],
    }


def _report(messages: Sequence[JsonObject], flag: JsonObject | None) -> JsonObject:
    ratio = _error_ratio(messages)
    findings: list[JsonObject] = []
    if ratio is not None:
        findings.append(
            {
                "text": f"The error ratio is {ratio}.",
                "evidence": ["E1"],
                "quotes": [str(ratio)],
            }
        )
    if flag is not None:
        key = str(flag["key"])
        findings.append(
            {
                "text": f"Flag {key} was raised before the alert.",
                "evidence": ["E1"],
                "quotes": [key],
            }
        )
    unknowns = [] if flag is not None else ["No flag was raised; the cause is open."]
    summary = "The errors follow a flag." if flag else "The cause is not known."
    return {"summary": summary, "findings": findings, "unknowns": unknowns}
