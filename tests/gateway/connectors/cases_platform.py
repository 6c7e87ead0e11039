"""The platform's cases of the contract: each of its ports, reads and writes."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.gateway.connectors.cases import Call, Case, said
from tests.gateway.connectors.platform_answers import (
    ACCOUNT,
    APPEAL,
    CAMPAIGN,
    CONSUMER,
    CONTENT,
    ENTRY,
    EXPERIMENT,
    FLAG,
    FRICTION,
    IDENTITY,
    PIPELINE,
    PLAN,
    QUEUE,
    SECONDS,
    SERVICE,
    THROTTLE,
    TICKET,
    TRACE,
)
from tests.gateway.test_connector_kinds import made


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
        "trace",
        "traces",
        lambda port: port.get("abc"),
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
    _case("campaign-plan", "campaigns", lambda port: port.plan(), {"/campaigns": PLAN}),
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
