"""
Two doors on Unix sockets: ``runner.sock`` for sandboxes, ``control.sock`` for workers.

Both are ASGI applications of their own, so that no route of one can be reached through
the other. Each refusal is a typed body; an unexpected exception is logged and answered
as 500 without its text.
"""

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from rfc8785 import CanonicalizationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway import (
    deciding,
    executing,
    model,
    paging,
    proposing,
    reading,
    reverting,
    session,
)
from gateway.gate import Gate, RefusedCall
from gateway.tokens import BadToken, RunClaims
from storage.canonical import canonical
from storage.errors import DatabaseUnreachable, LeaseLost, NotFound, StaleState
from wire.control import (
    DecisionRequest,
    ExecutionRequest,
    PageRequest,
    ReversionRequest,
)
from wire.model import ChatRequest
from wire.proposals import ProposalDraft, RunReport
from wire.tools import Refusal, ToolCall

_MOST_BYTES = 256 * 1024
# The escape of U+0000, not an escaped backslash before "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
Body = TypeVar("Body", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


def runner_app(gate: Gate) -> Starlette:
    """The door for sandboxes: read, ask the model, propose, finish."""

    async def begin(request: Request) -> Response:
        return _json(await session.read_session(gate, _run(gate, request)))

    async def tools(request: Request) -> Response:
        views = session.list_tools(gate, _run(gate, request))
        return JSONResponse([view.model_dump(mode="json") for view in views])

    async def call(request: Request) -> Response:
        claims = _run(gate, request)
        asked = await _body(request, ToolCall)
        name = request.path_params["tool"]
        return _json(await reading.call_tool(gate, claims, name, asked))

    async def ask(request: Request) -> Response:
        claims = _run(gate, request)
        asked = await _body(request, ChatRequest)
        return JSONResponse(await model.complete(gate, claims, asked))

    async def propose(request: Request) -> Response:
        claims = _run(gate, request)
        draft = await _body(request, ProposalDraft)
        return _json(await proposing.propose(gate, claims, draft))

    async def finish(request: Request) -> Response:
        claims = _run(gate, request)
        if request.path_params["run"] != str(claims.run_id):
            raise RefusedCall(
                "other_run",
                rule="token",
                message="the token is another run's",
                status=403,
            )
        await session.report_run(gate, claims, await _body(request, RunReport))
        return JSONResponse({})

    return _app(
        [
            _route("/v1/session", begin),
            _route("/v1/tools", tools),
            _route("/v1/tools/{tool}", call, method="POST"),
            _route("/v1/model/chat/completions", ask, method="POST"),
            _route("/v1/proposals", propose, method="POST"),
            _route("/v1/runs/{run}/finish", finish, method="POST"),
        ]
    )


def control_app(gate: Gate) -> Starlette:
    """The door for the worker: approvals, executions, reversions, pages."""

    async def approvals(request: Request) -> Response:
        _control(gate, request)
        asked = await _body(request, DecisionRequest)
        return _json(await deciding.decide(gate, asked))

    async def executions(request: Request) -> Response:
        _control(gate, request)
        asked = await _body(request, ExecutionRequest)
        return _json(await executing.advance(gate, asked))

    async def reversions(request: Request) -> Response:
        _control(gate, request)
        asked = await _body(request, ReversionRequest)
        try:
            answer = await reverting.advance_reversion(gate, asked)
        except _SAID:
            raise
        except Exception as exc:
            # The edge of the process answers it; a person learns of it in the end.
            structlog.get_logger().exception("reversion.fault")
            await reverting.count_fault(gate, asked, type(exc).__name__)
            raise
        return _json(answer)

    async def pages(request: Request) -> Response:
        _control(gate, request)
        return _json(await paging.page(gate, await _body(request, PageRequest)))

    async def health(_request: Request) -> Response:
        return JSONResponse(
            {
                "environment": gate.environment,
                "bundle": gate.policy.bundle_hash,
                "lab_only": gate.lab_only,
            }
        )

    return _app(
        [
            _route("/v1/approvals", approvals, method="POST"),
            _route("/v1/executions", executions, method="POST"),
            _route("/v1/reversions", reversions, method="POST"),
            _route("/v1/pages", pages, method="POST"),
            _route("/healthz", health),
        ]
    )


def _app(routes: list[Route]) -> Starlette:
    return Starlette(routes=routes, exception_handlers={HTTPException: _no_route})


def _route(path: str, endpoint: Endpoint, *, method: str = "GET") -> Route:
    return Route(path, _guarded(path, endpoint), methods=[method])


async def _no_route(_request: Request, exc: Exception) -> Response:
    """Refuse what no route takes; its path is the caller's word, and is not logged."""
    status = exc.status_code if isinstance(exc, HTTPException) else 404
    refusal = RefusedCall(
        "no_route", rule="route", message="no such path and method here", status=status
    )
    return _refuse("none", refusal)


_KNOWN: tuple[tuple[type[Exception], int, str, str], ...] = (
    (BadToken, 401, "bad_token", "token"),
    (LeaseLost, 410, "lease_lost", "fence"),
    (StaleState, 409, "stale", "state"),
    (NotFound, 404, "not_found", "scope"),
    (DatabaseUnreachable, 503, "database_away", "fail-closed"),
)


# What is an answer, and no fault of ours.
_SAID: tuple[type[Exception], ...] = (RefusedCall, *(kind for kind, *_ in _KNOWN))


def _guarded(path: str, endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except _SAID as exc:
            return _refuse(path, _translated(exc))
        except Exception:  # noqa: BLE001 - the edge of the process: record and answer
            structlog.get_logger().exception("gateway.error", path=path)
            fault = Refusal(
                code="error", rule="gateway", message="see the gateway's log"
            )
            return _json(fault, status=500)

    return answer


def _translated(exc: Exception) -> RefusedCall:
    if isinstance(exc, RefusedCall):
        return exc
    for kind, status, code, rule in _KNOWN:
        if isinstance(exc, kind):
            return RefusedCall(code, rule=rule, message=str(exc), status=status)
    raise exc


def _refuse(path: str, refusal: RefusedCall) -> Response:
    """Answer a refusal and log it, without any value; ``path`` is its route's."""
    structlog.get_logger().warning(
        "gateway.refused",
        path=path,
        status=refusal.status,
        code=refusal.code,
        rule=refusal.rule,
    )
    body = Refusal(code=refusal.code, rule=refusal.rule, message=refusal.message)
    return _json(body, status=refusal.status)


async def _body(request: Request, shape: type[Body]) -> Body:
    raw = await _bounded(request)
    if _NUL.search(raw):
        raise RefusedCall(
            "invalid_body",
            rule="wire",
            message="a text holds U+0000, which nothing here stores",
            status=422,
        )
    try:
        body = shape.model_validate_json(raw)
        canonical(body.model_dump(mode="python"))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise RefusedCall(
            "invalid_body",
            rule="wire",
            message=f"{where}: {first['msg']}",
            status=422,
        ) from exc
    except CanonicalizationError as exc:
        raise RefusedCall(
            "invalid_body",
            rule="wire",
            message="a number is none, or past 2^53; a text is no Unicode",
            status=422,
        ) from exc
    return body


async def _bounded(request: Request) -> bytes:
    """Read at most the limit: what a sandbox sends must not fill this process."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise RefusedCall(
                "too_large",
                rule="body-limit",
                message=f"a request has at most {_MOST_BYTES} bytes",
                status=413,
            )
    return bytes(body)


def _run(gate: Gate, request: Request) -> RunClaims:
    return gate.verifier.verify_run(_bearer(request))


def _control(gate: Gate, request: Request) -> None:
    gate.verifier.verify_control(_bearer(request))


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadToken("no bearer token")
    return token


def _json(body: BaseModel, *, status: int = 200) -> Response:
    return Response(
        body.model_dump_json(), status_code=status, media_type="application/json"
    )
