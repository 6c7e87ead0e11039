"""Each port of a REST map with good answers, a read, and a write if it writes."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

from gateway.rest_calls import CALLS, COUNT, LIST, READ
from gateway.subjects import (
    Account,
    Appeal,
    AuditEntry,
    CampaignState,
    ConsumerState,
    ContentState,
    FrictionState,
    PipelineState,
    QueueLoad,
    ServiceLoad,
    ThrottleState,
)
from tests.gateway.connectors.cases import Call, Case, said
from tests.gateway.test_connector_kinds import made

# One answer that holds every field of every subject.
EVERYTHING: dict[str, object] = {
    **dict.fromkeys(
        (
            "service", "queue", "user_id", "handle", "display_name", "email", "phone",
            "country", "status", "content_id", "author_id", "kind", "text", "target",
            "appeal_id", "action", "subject_id", "statement", "consumer_group", "topic",
            "pipeline", "campaign_key", "state", "segment", "template", "actor",
            "detail", "route", "friction_type", "removed_reason",
        ),
        "x",
    ),
    **dict.fromkeys(
        (
            "requests_per_second", "error_ratio", "p99_ms", "active_users", "depth",
            "oldest_age_seconds", "in_rate", "out_rate", "consumers", "created_at",
            "followers", "strikes", "reports_last_day", "posts_last_day", "push_tokens",
            "views_last_hour", "replies_last_hour", "repliers_last_hour", "reports",
            "thread_size", "people_last_hour", "actions_last_hour", "opened_at",
            "members", "lag", "lag_seconds", "restarts", "watermark_at",
            "rows_per_second", "audience", "at", "limit_rps", "version", "count",
        ),
        3,
    ),
    "routes": [], "unread_routes": [],
    "recent_content": [], "labels": [], "gaps": [[1.0, 2.0]],
    "backfills": [
        {"id": "b1", "from_at": 1.0, "to_at": 2.0, "state": "running",
         "rows_done": 1, "rows_total": 9}
    ],
    "push_revoked": False,
    "banned_until": None,
    "expires_at": None,
    "restarted_at": None,
    "starts_at": None,
}  # fmt: skip
Write = Callable[[Any, int], Awaitable[object]]

READS: dict[str, Call] = {
    "catalogue": lambda port: port.service("a/b"),
    "queues": lambda port: port.get("a/b"),
    "throttles": lambda port: port.get("s", "GET /a"),
    "accounts": lambda port: port.get("a/b"),
    "contents": lambda port: port.get("a/b"),
    "frictions": lambda port: port.get("a/b"),
    "appeals": lambda port: port.get("a/b"),
    "consumers": lambda port: port.get("a/b"),
    "pipelines": lambda port: port.get("a/b"),
    "campaigns": lambda port: port.get("a/b"),
}
WRITES: dict[str, tuple[str, Write, dict[str, object]]] = {
    "throttle": (
        "throttles",
        lambda port, seen: port.set("s", "GET /a", limit_rps=None, **_keyed(seen)),
        {"service": "s", "route": "GET /a", "limit_rps": None},
    ),
    "push": (
        "accounts",
        lambda port, seen: port.set_push("a/b", revoked=True, **_keyed(seen)),
        {"user_id": "a/b", "revoked": True},
    ),
    "ban": (
        "accounts",
        lambda port, seen: port.ban(
            "a/b", until=9.5, reason_code="spam", **_keyed(seen)
        ),
        {"user_id": "a/b", "until": 9.5, "reason_code": "spam"},
    ),
    "remove": (
        "contents",
        lambda port, seen: port.remove("a/b", reason_code="spam", **_keyed(seen)),
        {"content_id": "a/b", "reason_code": "spam"},
    ),
    "friction": (
        "frictions",
        lambda port, seen: port.set(
            "a/b", friction_type="slow", expires_at=8.0, **_keyed(seen)
        ),
        {"target": "a/b", "friction_type": "slow", "expires_at": 8.0},
    ),
    "resolve": (
        "appeals",
        lambda port, seen: port.resolve("a/b", resolution="upheld", **_keyed(seen)),
        {"appeal_id": "a/b", "resolution": "upheld"},
    ),
    "restart": (
        "consumers",
        lambda port, seen: port.restart("a/b", **_keyed(seen)),
        {"consumer_group": "a/b"},
    ),
    "backfill": (
        "pipelines",
        lambda port, seen: port.backfill("a/b", from_at=1.0, to_at=2.0, **_keyed(seen)),
        {"pipeline": "a/b", "from_at": 1.0, "to_at": 2.0},
    ),
    "schedule": (
        "campaigns",
        lambda port, seen: port.schedule(
            "a/b", segment="s", template="t", starts_at=3.0, **_keyed(seen)
        ),
        {"campaign_key": "a/b", "segment": "s", "template": "t", "starts_at": 3.0},
    ),
}
COUNTS: dict[str, Call] = {
    "pipelines": lambda port: port.rehearse("p", from_at=1.0, to_at=2.0),
    "campaigns": lambda port: port.rehearse(
        "c", segment="s", template="t", starts_at=3.0
    ),
}
PLAN = {
    "campaigns": [{"campaign_key": "c", "state": "none"}],
    "segments": [{"segment": "s", "people": 5}],
    "templates": ["t"],
}


def _keyed(seen: int) -> dict[str, Any]:
    return {"seen_version": seen, "idempotency_key": "k1"}


_SUBJECTS = {
    "catalogue": ServiceLoad,
    "queues": QueueLoad,
    "throttles": ThrottleState,
    "accounts": Account,
    "contents": ContentState,
    "frictions": FrictionState,
    "appeals": Appeal,
    "consumers": ConsumerState,
    "pipelines": PipelineState,
    "campaigns": CampaignState,
    "audit": AuditEntry,
}


def _answer(port: str) -> dict[str, object]:
    return {one.name: EVERYTHING[one.name] for one in fields(_SUBJECTS[port])}


def _operation(port: str, call: str) -> dict[str, object]:
    """Describe a call so that it sends every argument."""
    kind, arguments = CALLS[port][call]
    sent = {one: f"{{{one}}}" for one in arguments}
    if kind in {READ, LIST}:
        where = f"/{port}/{{{arguments[0]}}}" if arguments else f"/{port}"
        rows = {"rows": "rows"} if kind == LIST else {}
        return {"path": where, "query": sent, **rows}
    if kind == COUNT:
        return {"path": f"/{port}/{call}", "query": sent}
    return {"method": "POST", "path": f"/{port}/{call}", "body": sent}


def _case(port: str, what: str, read: Call, good: object, write: Write | None) -> Case:
    config = made(
        "rest",
        version_header="If-Match",
        operations={port: {call: _operation(port, call) for call in CALLS[port]}},
    )
    return Case("rest", config, port, read, {what: said(good)}, write, what.strip("/"))


REST_CASES = (
    *(
        _case(
            port,
            f"/{port}/s" if port == "throttles" else f"/{port}/a/b",
            read,
            _answer(port),
            next((write for of, write, _ in WRITES.values() if of == port), None),
        )
        for port, read in READS.items()
    ),
    *(
        _case(port, f"/{port}/rehearse", count, {"count": 3}, None)
        for port, count in COUNTS.items()
    ),
    _case("campaigns", "/campaigns", lambda port: port.plan(), PLAN, None),
    _case(
        "audit",
        "/audit/words",
        lambda port: port.search("words", since=1.0, most=2),
        {"rows": [_answer("audit")]},
        None,
    ),
)
