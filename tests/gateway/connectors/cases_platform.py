"""The platform's cases of the contract: each of its ports, reads and writes."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.gateway.connectors.cases import Call, Case, said
from tests.gateway.test_connector_kinds import made

AT = "2026-01-01T00:00:00Z"
SECONDS = 1_767_225_600.0
FLAG = {
    "key": "new_ranker",
    "service": "discourse",
    "enabled": True,
    "rollout_percent": 50,
    "version": 7,
    "changed_at": AT,
    "changed_by": "deploy",
    "history": [
        {"version": 5, "rollout_percent": 1},
        {"version": 6, "rollout_percent": 5},
        {"version": 7, "rollout_percent": 50},
    ],
}
THROTTLE = {
    "service": "discourse",
    "route": "GET /feed",
    "limit_rps": None,
    "version": 1,
}
QUEUE = {
    "name": "default",
    "depth": 3,
    "oldest_age_seconds": 1.5,
    "in_per_second": 2.0,
    "out_per_second": 4.0,
    "consumers": 1,
}
LOAD = {"requests_per_second": 9.0, "error_ratio": 0.1}
ROUTE = {**LOAD, "route": "GET /", "capacity_rps": 5.0, "rejected_per_second": 0.0}
SERVICE = {
    **LOAD,
    "service": "discourse",
    "p99_ms": 10.0,
    "active_users": 4,
    "routes": [ROUTE],
}
SPAN = {
    "operation": "rank",
    "duration_ms": 1.0,
    "status": "error",
    "message": "boom",
    "attributes": {"z": "1", "error.type": "Timeout", "a": "2"},
}
TRACE = {
    "id": "t1",
    "correlation_id": "c1",
    "status": "error",
    "started_at": AT,
    "duration_ms": 2.0,
    "spans": [SPAN],
}
ENTRY = {"at": AT, "actor": "a", "action": "b", "target": "c", "detail": "d"}
CONTENT: dict[str, object] = {
    "content_id": "c_1",
    "author_id": "u_1",
    "kind": "post",
    "created_at": AT,
    "text": "hello",
    "status": "visible",
    "removed_reason": None,
    "views_last_hour": 1,
    "replies_last_hour": 2,
    "repliers_last_hour": 2,
    "reports": 0,
    "labels": [],
    "thread_size": 3,
    "version": 3,
}
FRICTION = {
    "target": "content:c_1",
    "friction_type": "slow_mode",
    "expires_at": AT,
    "people_last_hour": 5,
    "actions_last_hour": 9,
    "version": 3,
}
APPEAL = {
    "appeal_id": "a_1",
    "user_id": "u_1",
    "action": "ban",
    "subject_id": "u_1",
    "opened_at": AT,
    "statement": "no",
    "status": "open",
    "version": 3,
}
CONSUMER = {
    "consumer_group": "loader",
    "topic": "events",
    "pipeline": "warehouse",
    "members": 4,
    "lag": 10,
    "lag_seconds": 1.5,
    "in_rate": 2.0,
    "out_rate": 3.0,
    "restarts": 1,
    "restarted_at": AT,
    "version": 3,
}
BACKFILL = {
    "id": "bf_1",
    "from_at": AT,
    "to_at": AT,
    "state": "running",
    "rows_done": 1,
    "rows_total": 9,
}
PIPELINE = {
    "pipeline": "warehouse",
    "watermark_at": AT,
    "lag_seconds": 2.0,
    "rows_per_second": 400.0,
    "gaps": [[AT, AT]],
    "backfills": [BACKFILL],
    "version": 3,
}
ACCOUNT = {
    "user_id": "u_1",
    "handle": "h",
    "display_name": "H",
    "email": "h@example.com",
    "phone": "1",
    "country": "SE",
    "created_at": AT,
    "followers": 5,
    "status": "active",
    "banned_until": None,
    "strikes": 0,
    "reports_last_day": 1,
    "posts_last_day": 2,
    "push_tokens": 3,
    "push_revoked": False,
    "recent_content": ["c_1"],
    "version": 3,
}
IDENTITY = {
    "user_id": "u_1",
    "sessions": 2,
    "last_login_at": AT,
    "failed_logins_last_hour": 0,
    "locked": False,
    "reset_sent_at": None,
    "version": 3,
}
COMMENT = {"author": "a", "body": "b", "public": True, "at": AT}
TICKET = {
    "ticket_id": "48",
    "subject": "s",
    "status": "open",
    "priority": "normal",
    "requester_name": "N",
    "requester_email": "n@example.com",
    "user_id": None,
    "tags": ["login"],
    "created_at": AT,
    "updated_at": AT,
    "comments": [COMMENT],
    "version": 3,
}
CAMPAIGN = {
    "campaign_key": "autumn",
    "state": "scheduled",
    "segment": "s",
    "template": "t",
    "starts_at": AT,
    "audience": 5,
    "version": 3,
}
RESULT = {
    "metric": "m",
    "variation": "a",
    "users": 1,
    "value": 1.5,
    "chance_to_win": None,
}
EXPERIMENT = {
    "key": "e",
    "name": "E",
    "status": "running",
    "phase": "main",
    "started_at": AT,
    "coverage": 0.5,
    "variations": ["a", "b"],
    "results": [RESULT],
}


async def set_flag(port: Any, version: int) -> object:
    return await port.set(
        "new_ranker",
        enabled=False,
        rollout_percent=0,
        former="",
        seen_version=version,
        idempotency_key="k",
    )


async def set_throttle(port: Any, version: int) -> object:
    return await port.set(
        "discourse",
        "GET /feed",
        limit_rps=5,
        seen_version=version,
        idempotency_key="k",
    )


async def set_push(port: Any, version: int) -> object:
    return await port.set_push(
        "u_1", revoked=True, seen_version=version, idempotency_key="k"
    )


async def ban(port: Any, version: int) -> object:
    return await port.ban(
        "u_1", until=None, reason_code="x", seen_version=version, idempotency_key="k"
    )


async def end_sessions(port: Any, version: int) -> object:
    return await port.end_sessions("u_1", seen_version=version, idempotency_key="k")


async def send_reset_link(port: Any, version: int) -> object:
    return await port.send_reset_link("u_1", seen_version=version, idempotency_key="k")


async def remove(port: Any, version: int) -> object:
    return await port.remove(
        "c_1", reason_code="spam", seen_version=version, idempotency_key="k"
    )


async def set_friction(port: Any, version: int) -> object:
    return await port.set(
        "content:c_1",
        friction_type=None,
        expires_at=None,
        seen_version=version,
        idempotency_key="k",
    )


async def resolve(port: Any, version: int) -> object:
    return await port.resolve(
        "a_1", resolution="upheld", seen_version=version, idempotency_key="k"
    )


async def restart(port: Any, version: int) -> object:
    return await port.restart("loader", seen_version=version, idempotency_key="k")


async def backfill(port: Any, version: int) -> object:
    return await port.backfill(
        "warehouse",
        from_at=0,
        to_at=SECONDS,
        seen_version=version,
        idempotency_key="k",
    )


async def rehearse_backfill(port: Any) -> object:
    return await port.rehearse("warehouse", from_at=0, to_at=1)


async def comment(port: Any, version: int) -> object:
    return await port.comment(
        "48", body="hi", public=False, seen_version=version, idempotency_key="k"
    )


async def schedule(port: Any, version: int) -> object:
    return await port.schedule(
        "autumn",
        segment="s",
        template="t",
        starts_at=SECONDS,
        seen_version=version,
        idempotency_key="k",
    )


async def rehearse_campaign(port: Any) -> object:
    return await port.rehearse("autumn", segment="s", template="t", starts_at=SECONDS)


def _case(
    what: str,
    port: str,
    read: Call,
    good: dict[str, object],
    write: Callable[[Any, int], Awaitable[object]] | None = None,
) -> Case:
    answers = {path: said(one) for path, one in good.items()}
    return Case("platform", made("platform"), port, read, answers, write, what)


PLATFORM_CASES = (
    _case(
        "service",
        "catalogue",
        lambda port: port.service("discourse"),
        {"/services/discourse": SERVICE},
    ),
    _case(
        "queue", "queues", lambda port: port.get("default"), {"/queues/default": QUEUE}
    ),
    _case(
        "traces",
        "traces",
        lambda port: port.search(service="s", correlation_id=None, most=5),
        {"/traces": {"traces": [TRACE]}},
    ),
    _case(
        "flag",
        "flags",
        lambda port: port.get("new_ranker"),
        {"/flags/new_ranker": FLAG},
        set_flag,
    ),
    _case(
        "flags",
        "flags",
        lambda port: port.list_of("discourse"),
        {"/flags": {"flags": [FLAG]}},
    ),
    _case(
        "throttle",
        "throttles",
        lambda port: port.get("discourse", "GET /feed"),
        {"/throttles/discourse": THROTTLE},
        set_throttle,
    ),
    _case(
        "push",
        "accounts",
        lambda port: port.get("u_1"),
        {"/users/u_1": ACCOUNT},
        set_push,
    ),
    _case(
        "ban", "accounts", lambda port: port.get("u_1"), {"/users/u_1": ACCOUNT}, ban
    ),
    _case(
        "sessions",
        "identity",
        lambda port: port.get("u_1"),
        {"/users/u_1/identity": IDENTITY},
        end_sessions,
    ),
    _case(
        "reset-link",
        "identity",
        lambda port: port.get("u_1"),
        {"/users/u_1/identity": IDENTITY},
        send_reset_link,
    ),
    _case(
        "content",
        "contents",
        lambda port: port.get("c_1"),
        {"/contents/c_1": CONTENT},
        remove,
    ),
    _case(
        "friction",
        "frictions",
        lambda port: port.get("content:c_1"),
        {"/frictions/content:c_1": FRICTION},
        set_friction,
    ),
    _case(
        "appeal",
        "appeals",
        lambda port: port.get("a_1"),
        {"/appeals/a_1": APPEAL},
        resolve,
    ),
    _case(
        "consumer",
        "consumers",
        lambda port: port.get("loader"),
        {"/consumers/loader": CONSUMER},
        restart,
    ),
    _case(
        "pipeline",
        "pipelines",
        lambda port: port.get("warehouse"),
        {"/pipelines/warehouse": PIPELINE},
        backfill,
    ),
    _case(
        "backfill",
        "pipelines",
        rehearse_backfill,
        {"/pipelines/warehouse/rehearsal": {"rows": 7, "refused": None}},
    ),
    _case(
        "audit",
        "audit",
        lambda port: port.search("x", since=0, most=5),
        {"/audit": {"entries": [ENTRY]}},
    ),
    _case(
        "ticket",
        "tickets",
        lambda port: port.get("48"),
        {"/tickets/48": TICKET},
        comment,
    ),
    _case(
        "tickets",
        "tickets",
        lambda port: port.search("x", most=5),
        {"/tickets": {"tickets": [TICKET]}},
    ),
    _case(
        "campaign",
        "campaigns",
        lambda port: port.get("autumn"),
        {"/campaigns/autumn": CAMPAIGN},
        schedule,
    ),
    _case(
        "campaign-rehearsal",
        "campaigns",
        rehearse_campaign,
        {"/campaigns/autumn/rehearsal": {"audience": 7, "refused": None}},
    ),
    _case(
        "experiment",
        "experiments",
        lambda port: port.get("e"),
        {"/experiments/e": EXPERIMENT},
    ),
)
