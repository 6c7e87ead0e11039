"""Sessions and tool results of made-up incidents, in the gateway's shapes."""

from pathlib import Path

import yaml
from pydantic import JsonValue

from runner.playbook import Playbook
from runner.playbook_check import parse_playbook
from runner.transcript import Answer, Asked, Refused, Seen, Transcript
from wire.session import AlertView, BudgetView, Session, TaskView

AGENTS = Path(__file__).parents[2] / "agents"
TOOLS = [
    "get_dashboard_snapshot",
    "trace_lookup",
    "get_queue_state",
    "toggle_feature_flag",
    "throttle_endpoint",
]


def agent_text() -> str:
    return (AGENTS / "reliability-triage" / "1.yaml").read_text()


def playbook_json() -> dict[str, JsonValue]:
    content: dict[str, JsonValue] = yaml.safe_load(agent_text())["playbook"]
    return content


def triage() -> Playbook:
    return parse_playbook(playbook_json(), tools=TOOLS)


def session_of(playbook: dict[str, JsonValue] | None = None) -> Session:
    return Session(
        run_id="run-1",
        task=TaskView(
            id="task-1",
            kind="reliability",
            title="5xx on discourse",
            severity="critical",
            service="discourse",
            environment="prod",
            plan=1,
        ),
        alerts=[
            AlertView(
                fingerprint="f",
                title="5xx on discourse",
                severity="critical",
                status="firing",
                service="discourse",
                labels={},
                annotations={},
                starts_at="2026-11-22T10:00:00Z",
            )
        ],
        agent="reliability-triage",
        agent_version=1,
        driver="playbook",
        playbook=playbook_json() if playbook is None else playbook,
        tools=TOOLS,
        budget=BudgetView(tool_calls=8, seconds=60),
    )


def panel(name: str, current: float, baseline: float) -> dict[str, JsonValue]:
    return {
        "name": name,
        "unit": "",
        "current": current,
        "baseline": baseline,
        "series": [],
    }


def snapshot(
    *, ratio: float = 0.182, rps: float = 210.0, rollout: int = 5, ago: float = 240.0
) -> dict[str, JsonValue]:
    return {
        "dashboard_id": "discourse-overview",
        "service": "discourse",
        "at": "2026-11-22T10:01:00Z",
        "panels": [
            panel("requests_per_second", rps + 100, 300),
            panel("error_ratio", ratio, 0.002),
            panel("p99_ms", 2400, 310),
        ],
        "flags": [
            {
                "key": "dark_mode",
                "enabled": True,
                "rollout_percent": 50,
                "previous_rollout_percent": 50,
                "changed_at": "2026-11-20T10:00:00Z",
                "seconds_before_alert": 172800.0,
            },
            {
                "key": "new_ranker",
                "enabled": True,
                "rollout_percent": rollout,
                "previous_rollout_percent": 5,
                "changed_at": "2026-11-22T09:56:00Z",
                "seconds_before_alert": ago,
            },
        ],
        "routes": [
            {
                "route": "/t/:id",
                "requests_per_second": 100.0,
                "baseline_rps": 95.0,
                "capacity_rps": 400.0,
                "error_ratio": 0.1,
            },
            {
                "route": "/latest",
                "requests_per_second": rps,
                "baseline_rps": 200.0,
                "capacity_rps": 500.0,
                "error_ratio": 0.2,
            },
        ],
    }


def bad_flag() -> dict[str, JsonValue]:
    return snapshot(rollout=100)


def surge() -> dict[str, JsonValue]:
    return snapshot(rps=900.0)


def healthy() -> dict[str, JsonValue]:
    return snapshot(ratio=0.0021, rollout=100)


def traces(
    flag: str | None = "new_ranker", share: float = 0.93
) -> dict[str, JsonValue]:
    suspects: list[JsonValue] = [{"attribute": "region", "value": "eu", "share": 0.99}]
    if flag is not None:
        suspects.append(
            {"attribute": "feature_flag.key", "value": flag, "share": share}
        )
    return {"service": "discourse", "traces": [], "suspects": suspects}


def queue(in_rate: float = 40.0) -> dict[str, JsonValue]:
    return {
        "queue": "default",
        "depth": 120,
        "oldest_age_seconds": 4,
        "in_rate": in_rate,
        "out_rate": 41.0,
        "consumers": 3,
    }


def seen(step: str, result: dict[str, JsonValue]) -> Seen:
    return Seen(evidence_id=f"e-{step}", result=result)


def refused() -> Refused:
    return Refused("rate_limited", "read-limit", "ask again in a minute")


def asked() -> Asked:
    return Asked("needs_approval", "require_approval", "prod-asks", "a person approves")


def transcript(**answers: Answer) -> Transcript:
    done = Transcript()
    for step, answer in answers.items():
        done = done.with_answer(step, answer, called=not isinstance(answer, Asked))
    return done
