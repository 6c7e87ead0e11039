"""
Alert webhooks: ``POST /webhooks/<source>/<slug>``, or with the token behind it.

A plain Starlette route: FastAPI's own routing costs more than parsing and validating.
2xx means committed. A reason in JSON comes with each 4xx; a good alert is kept although
its neighbour is broken. No token is ever in a log line, and so no URL either.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.alerts.parsed import (
    ParsedDelivery,
    Parser,
    Subscription,
    SubscriptionStep,
    UnreadableDelivery,
)
from bot.bodies import (
    MOST_PROVEN_BYTES,
    NotJson,
    Refused,
    TooLarge,
    parse_body,
    read_body,
    readable,
    unpacked,
)
from bot.entrance import Admitted, Entrance, said_slug
from bot.large import Place, Room
from bot.metrics import Metrics
from bot.proofs import fields_of
from bot.sns import SnsAway
from bot.visits import Visits
from gateway.redaction.redact import storable, storable_json
from gateway.redaction.shortened import shortened
from orchestrator import intake
from orchestrator.group_commit import GroupCommit, TooMany
from orchestrator.intake import NewDelivery
from storage.errors import DatabaseUnreachable, PoolExhausted

Read = TypeVar("Read")
_MOST_EXCERPT = 2000
_RETRY_SECONDS = 5
# A thread costs as much as reading this.
_LARGE_BYTES = 32 * 1024
_MEND_LEFT_OUT = (
    "the sender was told to leave alerts out: set `max_alerts: 0` at this receiver"
)
_WITHOUT_TOPICS = (
    "this endpoint has no list of topics, so no subscription is confirmed; add it with "
    "`autopilot webhooks add … --topic ARN`, or confirm it in the console of Amazon SNS"
)


def webhook_endpoint(
    commits: GroupCommit,
    entrance: Entrance,
    metrics: Metrics,
    sources: Mapping[str, Parser],
    visits: Visits,
) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint, of both paths."""
    room = Room()

    async def receive(request: Request) -> Response:
        source = request.path_params["source"]
        try:
            with room.place() as place:
                answer = await _receive(request, sources, commits, entrance, place)
        except Refused as exc:
            if not exc.is_told:
                _tell(request, exc)
            answer = _say(exc.status, exc.reason, exc.retry_seconds)
        except (DatabaseUnreachable, TooMany) as exc:
            structlog.get_logger().warning("webhook.later", error=str(exc))
            answer = _say(503, f"{_why_later(exc)}; send it again", _RETRY_SECONDS)
        known = source if source in sources else "unknown"
        metrics.webhooks.labels(source=known, status=answer.status_code).inc()
        if request.method == "POST":
            slug = storable(request.path_params["slug"])
            answer.background = BackgroundTask(
                visits.note, source, slug, answer.status_code
            )
        return answer

    return receive


def _why_later(exc: DatabaseUnreachable | TooMany) -> str:
    if isinstance(exc, PoolExhausted):
        return "all connections to the database are in use"
    away = isinstance(exc, DatabaseUnreachable)
    return "the database is away" if away else "too much waits here"


def _say(status: int, reason: str, retry_seconds: int | None) -> JSONResponse:
    later = {} if retry_seconds is None else {"Retry-After": str(max(1, retry_seconds))}
    return JSONResponse({"error": reason}, status, headers=later)


def _tell(request: Request, refused: Refused) -> None:
    structlog.get_logger().info(
        "webhook.refused",
        source=request.path_params["source"],
        slug=said_slug(request.path_params["slug"]),
        status=refused.status,
        reason=refused.reason,
    )


async def _receive(
    request: Request,
    sources: Mapping[str, Parser],
    commits: GroupCommit,
    entrance: Entrance,
    place: Place,
) -> Response:
    source = request.path_params["source"]
    if request.method != "POST":
        text = "an endpoint for alerts: send them with POST; there is nothing to get"
        return JSONResponse({"error": text}, 405, headers={"Allow": "POST"})
    parser = sources.get(source)
    if parser is None:
        known = ", ".join(sorted(sources))
        text = f"source {source[:40]!r} is unknown; known: {known}"
        slug = request.path_params["slug"]
        raise entrance.turn_away(source, slug, "unknown source", 404, text)
    admitted = await entrance.admit(request, source, place)
    kind = request.headers.get("content-type", "")
    try:
        body = await _read(request, admitted, place)
    except TooLarge as exc:
        start = readable(exc.start, kind)
        await _keep_unreadable(commits, admitted, source, start, reason=exc.reason)
        raise
    try:
        parsed = await aside(
            lambda: parser(
                storable_json(parse_body(body, kind, fields_of(request, source))),
                admitted.received_at,
            ),
            size=len(body),
        )
    except (NotJson, UnreadableDelivery) as exc:
        start = readable(body[: 2 * _MOST_EXCERPT], kind)
        await _keep_unreadable(commits, admitted, source, start, reason=str(exc))
        raise Refused(400, f"the body was not understood: {exc}") from exc
    if parsed.subscription is not None:
        return await _subscribe(parsed.subscription, admitted, entrance)
    return await _take(parsed, admitted, commits, length=len(body))


async def _read(request: Request, admitted: Admitted, place: Place) -> bytes:
    """Read and unpack what a proven sender brings."""
    most, note = MOST_PROVEN_BYTES, place.take
    body = admitted.body
    if body is None:
        body = await read_body(request, most=most, when_large=note)
    encoding = request.headers.get("content-encoding", "")
    return unpacked(body, encoding, most=most, when_large=note)


async def aside(read: Callable[[], Read], *, size: int) -> Read:
    """Read what is large in a thread: it takes seconds, and Slack waits for three."""
    return read() if size < _LARGE_BYTES else await asyncio.to_thread(read)


async def _keep_unreadable(
    commits: GroupCommit, admitted: Admitted, source: str, body: str, *, reason: str
) -> None:
    await intake.refuse_delivery(
        commits.database,
        admitted.scope,
        commits.reception,
        source=source,
        reason=reason,
        excerpt=shortened(body.replace("\0", ""), _MOST_EXCERPT),
    )


async def _take(
    parsed: ParsedDelivery, admitted: Admitted, commits: GroupCommit, *, length: int
) -> Response:
    received = await commits.receive(
        NewDelivery(admitted.scope, parsed.alerts, parsed.broken, length)
    )
    body: dict[str, object] = {
        "opened": received.opened,
        "added": received.added,
        "resolved": received.resolved,
        "repeated": received.repeated,
        "late": received.late,
        "rejected": [
            {"index": one.index, "reason": one.reason} for one in received.broken
        ],
        "ignored": [
            {"index": one.index, "reason": one.reason} for one in parsed.ignored
        ],
    }
    if parsed.left_out:
        log = structlog.get_logger()
        log.error("webhook.left_out", alerts=parsed.left_out, mend=_MEND_LEFT_OUT)
        body["left_out"] = parsed.left_out
    return JSONResponse(body, 422 if received.broken else 202)


async def _subscribe(
    said: Subscription, admitted: Admitted, entrance: Entrance
) -> Response:
    """Confirm a subscription of a topic that is the endpoint's; else tell people."""
    log = structlog.get_logger()
    if said.step is SubscriptionStep.ended:
        mend = "if nobody meant to, subscribe the endpoint's URL again"
        log.warning("webhook.unsubscribed", topic=said.topic_arn, mend=mend)
        return JSONResponse({"subscription": "ended", "topic": said.topic_arn}, 200)
    if not admitted.confirms:
        log.warning("webhook.not_confirmed", topic=said.topic_arn, mend=_WITHOUT_TOPICS)
        raise Refused(403, _WITHOUT_TOPICS, is_told=True)
    try:
        await entrance.sns.confirm(said.subscribe_url)
    except SnsAway as exc:
        log.warning("webhook.not_confirmed", topic=said.topic_arn, error=str(exc))
        text = f"the subscription was not confirmed: {exc}"
        raise Refused(502, text, is_told=True) from exc
    log.info("webhook.confirmed", topic=said.topic_arn)
    return JSONResponse({"subscription": "confirmed", "topic": said.topic_arn}, 200)
