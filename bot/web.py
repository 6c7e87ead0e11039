"""
The web process: Slack's requests, alert webhooks, health.

It decides nothing and holds no infrastructure key: it verifies, parses, stores and
acknowledges.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic, time

from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.starlette.async_handler import (
    to_async_bolt_request,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.alerts.sources import sources_with
from bot.blocks.modals import message_view
from bot.commands.registry import make_registry
from bot.entrance import make_entrance
from bot.in_time import InTime
from bot.links import Links
from bot.listeners.clicks import Clicks
from bot.listeners.commands import Commands
from bot.listeners.drafts import Drafts
from bot.listeners.evidence import EvidenceClicks
from bot.listeners.folds import Folds
from bot.listeners.home import Home
from bot.listeners.messages import Messages
from bot.listeners.shortcuts import Shortcuts
from bot.listeners.task_clicks import TaskClicks
from bot.metrics import Metrics, new_metrics
from bot.outbound.app import OutboundApp
from bot.outbound.client import OutboundClient
from bot.outsiders import Outsiders
from bot.settings import WebSettings
from bot.slack_door import SlackDoor, make_slack_door
from bot.sns import Get, get_from_sns
from bot.socket_mode import SocketMode
from bot.visits import Visits
from bot.webhooks import webhook_endpoint
from orchestrator.group_commit import GroupCommit
from orchestrator.intake import Reception
from orchestrator.routing import LiveRoutes
from policy.people import People
from policy.redaction import RedactionRules
from storage import directory
from storage.database import Database
from storage.errors import DatabaseUnreachable
from storage.steps import Step

# What a webhook's URL answers: words, whatever the method.
_METHODS = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
_MOST_KIND = 40
_MARKED = frozenset({"block_actions", "shortcut", "message_action"})
# What Bolt meets in a payload that lacks a part, before it has a listener for it.
_STUMBLED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_UNSURE = (
    "Something went wrong here, so it isn't known whether that was done. Look at"
    " `/ops tasks` before you try again."
)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    The files that this process reads, and what it must know of the tools.

    ``names`` may be frozen.
    """

    routes: LiveRoutes
    people: People
    names: tuple[str, ...]
    redaction: RedactionRules


@dataclass(frozen=True, slots=True)
class Web:
    """The process's HTTP, and its connections to Slack if it has a token for them."""

    app: FastAPI
    sockets: SocketMode | None


def create_app(
    settings: WebSettings,
    database: Database,
    rules: Rules,
    client: OutboundClient,
    *,
    get_from_sns: Get = get_from_sns,
    monotonic: Callable[[], float] = monotonic,
) -> FastAPI:
    """Wire the web process, without Socket Mode."""
    return make_web(
        settings,
        database,
        rules,
        client,
        get_from_sns=get_from_sns,
        monotonic=monotonic,
    ).app


def make_web(
    settings: WebSettings,
    database: Database,
    rules: Rules,
    client: OutboundClient,
    *,
    get_from_sns: Get = get_from_sns,
    monotonic: Callable[[], float] = monotonic,
) -> Web:
    """Wire the web process; with an app's token, Slack is heard over Socket Mode."""
    metrics = new_metrics()
    metrics.routes_current.set_function(lambda: 0.0 if rules.routes.error else 1.0)
    reception = Reception(rules.routes, settings.pseudonym_key, rules.redaction)
    slack = _slack_app(
        settings,
        database,
        rules,
        reception,
        links=Links(client, monotonic),
        metrics=metrics,
    )
    token = settings.slack_app_token
    in_time = InTime(slack, client)
    sockets = SocketMode(in_time, token, settings.slack_api_url) if token else None
    # Over Socket Mode requests go on until its connections are closed.
    app = _new_app(None if sockets else in_time)
    entrance = make_entrance(settings, database, get_from_sns, monotonic)
    commits = GroupCommit(database, reception)
    sources = sources_with(settings.mapping_file)
    visits = Visits(database, entrance.endpoints, monotonic)
    receive = webhook_endpoint(commits, entrance, metrics, sources, visits)
    for path in ("/webhooks/{source}/{slug}", "/webhooks/{source}/{slug}/{token}"):
        app.router.routes.append(Route(path, receive, methods=_METHODS))
    door = make_slack_door(
        settings.slack_signing_secret, settings.slack_app_id, time, monotonic
    )
    _add_slack(app, in_time, door)
    _add_health(app, database, rules.routes, metrics, sockets)
    return Web(app, sockets)


def _new_app(in_time: InTime | None) -> FastAPI:
    """Make the process's HTTP, at whose end nobody is left without an answer."""

    @asynccontextmanager
    async def until_told(_: FastAPI) -> AsyncIterator[None]:
        yield
        if in_time is not None:
            await in_time.end()

    return FastAPI(
        title="Ops Autopilot",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=until_told,
    )


def _slack_app(
    settings: WebSettings,
    database: Database,
    rules: Rules,
    reception: Reception,
    *,
    links: Links,
    metrics: Metrics,
) -> AsyncApp:
    async def authorize(
        team_id: str | None, enterprise_id: str | None
    ) -> AuthorizeResult:
        """Name the app without a call: Bolt's own loses clicks with Slack away."""
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=settings.slack_bot_token,
        )

    app = OutboundApp(
        links.client, authorize=authorize, signing_secret=settings.slack_signing_secret
    )
    app.use(Outsiders(rules.people).turn_away)
    register_listeners(app, database, rules, reception, links=links, metrics=metrics)

    async def unhandled(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
        kind = str(request.body.get("type"))[:_MOST_KIND]
        app.logger.warning("slack.unhandled %s %s", type(error).__name__, kind)
        lost = kind in _MARKED and not isinstance(error, BoltUnhandledRequestError)
        # Slack marks what its app did not answer with 200; it shows no other answer.
        return BoltResponse(status=503 if lost else 200, body=_sorry(request.body))

    app.error(unhandled)
    return app


def register_listeners(
    app: AsyncApp,
    database: Database,
    rules: Rules,
    reception: Reception,
    *,
    links: Links,
    metrics: Metrics,
) -> None:
    """Wire every listener."""
    home = Home(database, rules.people, links)
    home.register(app)
    clicks = Clicks(database, metrics, reception, rules.people, home.renew)
    clicks.register(app)
    Folds(database, rules.people, clicks.store).register(app)
    Drafts(database, rules.people, clicks.store).register(app)
    TaskClicks(database, metrics, reception, rules.people).register(app)
    EvidenceClicks(database, rules.people).register(app)
    registry = make_registry(database, reception, rules.people, rules.names, links)
    Commands(database, metrics, registry).register(app)
    Messages(database, metrics, registry).register(app)
    Shortcuts(database, metrics, reception, rules.people).register(app)


def _sorry(body: Mapping[str, object]) -> dict[str, object] | str:
    """Say to the person that nobody knows, where Slack's answer has a place."""
    if body.get("type") == "view_submission":
        view = dict(message_view("Ops Autopilot", _UNSURE))
        return {"response_action": "update", "view": view}
    if "command" in body:
        return {"response_type": "ephemeral", "text": _UNSURE}
    return ""


def _add_slack(app: FastAPI, in_time: InTime, door: SlackDoor) -> None:
    @app.post("/slack/events")
    async def events(request: Request) -> Response:
        refused = await door.refuse(request)
        if refused is not None:
            return refused
        try:
            asked = to_async_bolt_request(request, await request.body())
            answer, rest = await in_time.answer(asked)
        except _STUMBLED as exc:
            return door.not_read(exc)
        response = to_starlette_response(answer)
        if rest is not None:
            response.background = BackgroundTask(rest)
        return response


def _say_transport(*, hears: bool, over_sockets: bool) -> str:
    if not over_sockets:
        return "http"
    return "socket mode" if hears else "socket mode, no connection"


def _add_health(
    app: FastAPI,
    database: Database,
    routes: LiveRoutes,
    metrics: Metrics,
    sockets: SocketMode | None,
) -> None:
    async def ready() -> bool:
        try:
            async with database.dispatch(Step.look) as tx:
                await directory.list_scopes(tx)
        except DatabaseUnreachable:
            return False
        return True

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "up"})

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        database_up = await ready()
        hears = sockets is None or await sockets.count_open() > 0
        up = database_up and hears
        body = {
            "status": "ready" if up else "not ready",
            "database": database_up,
            "slack": _say_transport(hears=hears, over_sockets=sockets is not None),
            "routes": routes.error or "current",
        }
        return JSONResponse(body, 200 if up else 503)

    @app.get("/metrics")
    async def rendered() -> Response:
        return Response(metrics.render(), media_type="text/plain; version=0.0.4")
