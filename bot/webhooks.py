"""
Alert webhooks: ``POST /webhooks/<source>/<slug>`` with the endpoint's token.

A plain Starlette route: FastAPI's own routing costs more than parsing and validating.
2xx means committed. A reason in JSON comes with each 4xx; a good alert is kept although
its neighbour is broken.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.alerts.parsed import UnreadableDelivery
from bot.alerts.sources import SOURCES
from bot.metrics import Metrics
from gateway.redaction.redact import storable, storable_json
from orchestrator import intake
from orchestrator.group_commit import GroupCommit, TooMany
from orchestrator.intake import NewDelivery, Reception
from policy.scope import Scope
from storage import directory
from storage.database import Database
from storage.errors import DatabaseUnreachable
from storage.steps import Step

# One delivery has at most 1 MiB: ten times Alertmanager's largest in the field.
MOST_BYTES = 1024 * 1024
_EXCERPT_BYTES = 2000


class _Refused(Exception):
    """A delivery that is not taken: HTTP status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def webhook_endpoint(
    database: Database, reception: Reception, metrics: Metrics
) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint."""
    commits = GroupCommit(database, reception)

    async def receive(request: Request) -> Response:
        source = request.path_params["source"]
        try:
            answer = await _receive(request, commits)
        except _Refused as exc:
            metrics.webhooks.labels(source=_known(source), status=exc.status).inc()
            structlog.get_logger().info(
                "webhook.refused", source=source[:40], reason=exc.reason
            )
            return JSONResponse({"error": exc.reason}, exc.status)
        except (DatabaseUnreachable, TooMany) as exc:
            structlog.get_logger().warning("webhook.later", error=str(exc))
            metrics.webhooks.labels(source=_known(source), status=503).inc()
            away = isinstance(exc, DatabaseUnreachable)
            reason = "the database is away" if away else "too much waits here"
            return JSONResponse(
                {"error": f"{reason}; send it again"}, 503, headers={"Retry-After": "5"}
            )
        metrics.webhooks.labels(source=_known(source), status=answer.status_code).inc()
        return answer

    return receive


async def _receive(request: Request, commits: GroupCommit) -> Response:
    database, reception = commits.database, commits.reception
    source = request.path_params["source"]
    parser = SOURCES.get(source)
    if parser is None:
        known = ", ".join(sorted(SOURCES))
        raise _Refused(404, f"source {source[:40]!r} is unknown; known: {known}")
    scope, received_at = await _authenticate(request, database, source)
    raw = await _body(request)
    try:
        delivery = parser(storable_json(json.loads(raw)), received_at)
    except (ValueError, RecursionError, UnreadableDelivery) as exc:
        reason = str(exc) if isinstance(exc, UnreadableDelivery) else "not JSON"
        excerpt = raw[:_EXCERPT_BYTES].decode("utf-8", "replace").replace("\0", "")
        await intake.refuse_delivery(
            database,
            scope,
            reception,
            source=source,
            reason=reason,
            excerpt=excerpt,
        )
        raise _Refused(400, f"the body was not understood: {reason}") from exc
    received = await commits.receive(
        NewDelivery(scope, delivery.alerts, delivery.broken)
    )
    body = {
        "opened": received.opened,
        "added": received.added,
        "resolved": received.resolved,
        "repeated": received.repeated,
        "late": received.late,
        "rejected": [
            {"index": one.index, "reason": one.reason} for one in received.broken
        ],
    }
    return JSONResponse(body, 422 if received.broken else 202)


async def _authenticate(
    request: Request, database: Database, source: str
) -> tuple[Scope, datetime]:
    """Give the endpoint's tenant and environment, and the time there."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _Refused(401, "send the endpoint's token as `Authorization: Bearer …`")
    digest = sha256(token.strip().encode()).hexdigest()
    slug = storable(request.path_params["slug"])
    async with database.dispatch(Step.look) as tx:
        scope = await directory.find_webhook(
            tx, source=source, slug=slug, digests=[digest]
        )
        now = tx.now
    if scope is None:
        raise _Refused(401, "no such endpoint, or the token is not this endpoint's")
    return scope, now


async def _body(request: Request) -> bytes:
    """Read at most the limit, whatever the header says."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        raise _Refused(413, f"a delivery has at most {MOST_BYTES} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _Refused(413, f"a delivery has at most {MOST_BYTES} bytes")
    return bytes(body)


def _known(source: str) -> str:
    return source if source in SOURCES else "unknown"
