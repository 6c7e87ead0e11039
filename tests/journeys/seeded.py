"""A world whose outside systems say canaries, and an agent that calls every tool."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import yaml

from cli.processes import ROOT
from gateway.tools.catalog import all_tools
from tests.gateway.canaries import Canary
from tests.gateway.test_every_tool import LAB_RULE
from tests.journeys.modelled import MODEL
from tests.journeys.stack import Stack

AGENT, TEAM = "walker", "canaries"
SPAMMER, LOCKED_OUT, NOBODY = "u_1002", "u_1003", "u_nobody"
# What each read is asked for, in this order; the last one's user is not there.
READS: tuple[tuple[str, dict[str, object]], ...] = (
    ("get_dashboard_snapshot", {"dashboard_id": "discourse-overview"}),
    ("trace_lookup", {"service": "discourse", "limit": 5}),
    ("get_queue_state", {"queue": "warehouse-loader"}),
    ("get_user_360", {"user_id": SPAMMER}),
    ("get_content_360", {"content_id": "c_2002"}),
    ("search_audit_logs", {"query": "appeal.opened"}),
    ("get_ticket", {"ticket_id": "48211"}),
    ("get_experiment", {"experiment_key": "ranker-v2"}),
    ("get_campaign_plan", {}),
    ("search_insights", {"query": "log in"}),
    ("get_user_360", {"user_id": LOCKED_OUT}),
    ("get_user_360", {"user_id": NOBODY}),
)
EVIDENCE = [f"E{number}" for number in range(1, len(READS))]
# A proposal's tool, its params and its reason, by the run that makes them.
Write = tuple[str, Mapping[str, object], str]


class Seeds:
    """Canaries, all of those that were given out kept."""

    def __init__(self) -> None:
        self.given: list[Canary] = []
        self._numbers = count(100)

    def person(self) -> Canary:
        self.given.append(Canary(next(self._numbers)))
        return self.given[-1]

    def text(self) -> str:
        """Give a text of the next one, in each form in turn."""
        one = self.person()
        return one.forms[one.number % len(one.forms)]

    @property
    def traces(self) -> tuple[str, ...]:
        return tuple(trace for one in self.given for trace in one.traces())


def settings_with_walker(folder: Path) -> dict[str, str]:
    """Write agents, routes and policy; give the settings that name them."""
    agents, rules = folder / "agents", folder / "rules"
    shutil.copytree(ROOT / "agents", agents)
    shutil.copytree(ROOT / "policy" / "rules", rules)
    text = yaml.safe_load((ROOT / "agents/reliability-triage/1.yaml").read_text())
    limits = {"turns": 12, "tokens": 900_000, "seconds": 120, "usd": 5}
    text |= {"name": AGENT, "driver": "model", "model": {**MODEL, "budget": limits}}
    text |= {"tools": [one.name for one in all_tools().specs]}
    text |= {"autonomy_ceiling": "L3", "budget": {"tool_calls": 40, "seconds": 120}}
    (agents / AGENT).mkdir()
    (agents / AGENT / "1.yaml").write_text(yaml.safe_dump(text, sort_keys=False))

    matrix = rules / "autonomy.yaml"
    matrix.write_text(matrix.read_text().rstrip() + LAB_RULE)
    people = yaml.safe_load((rules / "people.yaml").read_text())
    for rule in people["approvals"]:
        rule.pop("fatigue", None)
    (rules / "people.yaml").write_text(yaml.safe_dump(people))

    said = yaml.safe_load((ROOT / "routes.yaml").read_text())
    walked = {**said["routes"][0], "id": TEAM, "agent": f"{AGENT}/1"}
    walked["match"] = {"labels": {"team": TEAM}}
    said["routes"].insert(0, walked)
    for route in said["routes"]:
        route |= {"most_fixes": 100}
    routes = folder / "routes.yaml"
    routes.write_text(yaml.safe_dump(said))
    return {
        "AGENTS_FOLDER": str(agents),
        "POLICY_FOLDER": str(rules),
        "ROUTES_FILE": str(routes),
        "MODEL_DEADLINE_SECONDS": "10",
    }


def overlays(seeds: Seeds) -> dict[str, dict[str, object]]:
    """Give, by path, what the platform is to say in place of its own words."""
    return {**_of_people(seeds), **_of_systems(seeds)}


def _texts(seeds: Seeds, *names: str) -> dict[str, object]:
    return {name: seeds.text() for name in names}


def _of_people(seeds: Seeds) -> dict[str, dict[str, object]]:
    person = seeds.person()
    account = {"email": person.mail, "phone": person.phone, "display_name": person.name}
    return {
        "/platform/users/u_100*": {
            **account,
            "recent_content": [seeds.text()],
            **_texts(seeds, "handle", "country"),
        },
        f"/platform/users/{NOBODY}": _texts(seeds, "detail"),
        "/platform/contents/*": {
            "labels": [seeds.text()],
            **_texts(seeds, "kind", "text", "author_id", "removed_reason"),
        },
        "/platform/appeals/*": _texts(seeds, "statement"),
        "/platform/tickets*": {
            "tags": [seeds.text()],
            "requester_name": seeds.person().name,
            "requester_email": seeds.person().mail,
            "author": seeds.person().name,
            **_texts(seeds, "subject", "priority", "status"),
        },
    }


def _of_systems(seeds: Seeds) -> dict[str, dict[str, object]]:
    hosts = {"segment": "gathering-hosts", "people": 1240}
    said = {"error.type": seeds.text(), "enduser.email": seeds.person().mail}
    return {
        "/platform/experiments/*": {
            "variations": [seeds.text()],
            **_texts(seeds, "name", "status", "phase", "metric", "variation"),
        },
        "/platform/campaigns": {
            "segments": [hosts, {"segment": seeds.text(), "people": 1}],
            "templates": ["gathering-reminder", seeds.text()],
            **_texts(seeds, "state"),
        },
        "/platform/audit": _texts(seeds, "actor", "action", "detail"),
        "/platform/traces": {
            **_texts(seeds, "operation", "message"),
            "attributes": said,
        },
        "/platform/flags*": _texts(seeds, "changed_by"),
        "/platform/throttles/*": _texts(seeds, "changed_by"),
        "/platform/consumers/*": _texts(seeds, "topic"),
        "/platform/pipelines/*": _texts(seeds, "id"),
        "/platform/queues/*": _texts(seeds, "service"),
    }


async def seed(stack: Stack, seeds: Seeds) -> None:
    """Let the platform say canaries: in fields that we read, and in ones beside."""
    for path, fields in overlays(seeds).items():
        person = seeds.person()
        added = {"note": person.text, "owner_email": person.mail}
        body = {"path": path, "fields": fields, "added": added}
        (await stack.post("/lab/overlays", body)).raise_for_status()
    said = {"body": seeds.text(), "public": True, "changed_by": seeds.person().name}
    await platform(stack, "PUT", "/tickets/48211/comments", said)


async def platform(
    stack: Stack, method: str, path: str, body: Mapping[str, object] | None = None
) -> Any:
    """Call the platform's own API, as a program of theirs would."""
    token = stack.world.environment["PLATFORM_TOKEN"]
    headers = {"Authorization": f"Bearer {token}", "If-Match": "1"}
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        address = f"{stack.world.lab_url}/platform{path}"
        answer = await http.request(method, address, json=body, headers=headers)
        return answer.raise_for_status().json()


def writes_of_runs(gap: tuple[str, str], now: float) -> list[list[Write]]:
    """Give what each run is to propose: five at most, each of its target seen."""
    soon = datetime.fromtimestamp(now + 3600, UTC).isoformat()
    throttle = {"service": "discourse", "route": "GET /v1/threads", "limit_rps": 1300}
    friction = {"target": f"user:{SPAMMER}", "friction_type": "confirm"}
    campaign = {"segment": "gathering-hosts", "template": "gathering-reminder"}
    flag = {"flag_key": "compact_threads", "enabled": True, "rollout_percent": 40}
    comment = {"ticket_id": "48211", "body": "A link is sent.", "public": True}
    scheduled = {"campaign_key": "gathering-autumn", "starts_at": soon}
    backfill = {"pipeline": "warehouse", "from_at": gap[0], "to_at": gap[1]}
    appeal = {"appeal_id": "a_501", "resolution": "overturned"}
    reversible: list[Write] = [
        ("toggle_feature_flag", flag, "incident_mitigation"),
        ("throttle_endpoint", throttle, "incident_mitigation"),
        ("apply_friction", {**friction, "expires_at": soon}, "spam"),
        ("revoke_push_tokens", {"user_id": SPAMMER}, "spam"),
    ]
    of_people: list[Write] = [
        ("remove_content", {"content_id": "c_2002"}, "spam"),
        ("ban_user", {"user_id": SPAMMER, "duration_hours": 24}, "spam"),
        ("resolve_appeal", appeal, "reviewed"),
        ("revoke_sessions", {"user_id": LOCKED_OUT}, "login_trouble"),
    ]
    group = {"consumer_group": "warehouse-loader"}
    others: list[Write] = [
        ("send_reset_link", {"user_id": LOCKED_OUT}, "login_trouble"),
        ("restart_consumer", group, "consumer_stuck"),
        ("start_backfill", backfill, "gap_in_data"),
        ("schedule_campaign", {**scheduled, **campaign}, "service_notice"),
        ("add_ticket_comment", comment, "answer"),
    ]
    return [reversible, of_people, others]


def turns(writes: list[Write], seeds: Seeds) -> list[dict[str, object]]:
    """Give a model's turns: it reads everything, proposes, and reports."""
    reads = [{"name": name, "arguments": params} for name, params in READS]
    proposals = [
        {
            "name": f"propose_{tool}",
            "arguments": {
                "params": params,
                "reason_code": reason,
                "summary": f"For {seeds.text()}",
                "because": f"It was said: {seeds.text()}",
                "confidence": 0.5,
                "evidence": EVIDENCE,
            },
        }
        for tool, params, reason in writes
    ]
    report = {"summary": f"Looked for {seeds.text()}", "findings": [], "unknowns": []}
    return [
        {"content": f"I look at {seeds.text()}", "calls": reads[:8]},
        {"calls": reads[8:]},
        {"calls": proposals},
        {"calls": [{"name": "report", "arguments": report}]},
    ]
