"""Wire the lab into one ASGI process and run it on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from lab.changes import ChangeFeed
from lab.clock import Clock
from lab.fault import FaultPlan, FaultWall
from lab.json_object import JsonObject
from lab.model.server import ModelServer
from lab.overlay import OverlayPlan, OverlayWall
from lab.page.routes import page_router
from lab.platform.alert_courier import AlertCourier, Destination
from lab.platform.alerting import AlertBook
from lab.platform.api import PlatformApi
from lab.platform.clockwork import keep_ticking
from lab.platform.control import PlatformControl
from lab.platform.model import Platform, healthy_platform
from lab.platform.prometheus import PrometheusApi
from lab.platform.snapshot import restore, take_snapshot
from lab.platform.write_desk import WriteDesk
from lab.platform.writes import WriteLog
from lab.settings import LabSettings
from lab.slack.acts import Acts
from lab.slack.control import WorkspaceControl
from lab.slack.courier import Courier, Pace
from lab.slack.directory import crowd, people
from lab.slack.persons import Persons
from lab.slack.response_urls import ResponseUrls
from lab.slack.sockets import Sockets
from lab.slack.web_api import WebApi
from lab.slack.workspace import Workspace
from lab.state_file import keep_state, read_state

SEED = 20_240_501
LOOPBACK_HOSTS = ["127.0.0.1", "localhost"]


@dataclass
class Lab:
    """What the routes share and the state file keeps."""

    settings: LabSettings
    clock: Clock
    changes: ChangeFeed
    faults: FaultPlan
    overlays: OverlayPlan
    workspace: Workspace
    platform: Platform
    writes: WriteLog
    book: AlertBook

    def snapshot(self) -> JsonObject:
        return {
            "messages": self.workspace.messages.snapshot(),
            "platform": take_snapshot(self.platform, self.writes),
        }

    def restore(self, state: JsonObject) -> None:
        self.workspace.messages.restore(state.get("messages", []))
        restore(state.get("platform", {}), self.platform, self.writes)


def create_app(settings: LabSettings, clock: Clock) -> ASGIApp:
    """Wire the app; the lab begins to live with its lifespan."""
    lab = make_lab(settings, clock)
    client = httpx.AsyncClient(trust_env=False)
    alerts = AlertCourier(
        Destination(
            f"{settings.web_url}{settings.webhook_path}",
            settings.webhook_token.get_secret_value(),
        ),
        client,
        clock,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with client, living(lab, alerts, courier):
            yield

    app = FastAPI(title="Ops Autopilot lab", lifespan=lifespan, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_HOSTS)
    courier = add_slack(app, lab, client)
    add_platform(app, lab, alerts)
    add_model(app, settings)
    app.include_router(page_router())
    return FaultWall(OverlayWall(app, lab.overlays), lab.faults)


def make_lab(settings: LabSettings, clock: Clock) -> Lab:
    changes = ChangeFeed()
    lab = Lab(
        settings=settings,
        clock=clock,
        changes=changes,
        faults=FaultPlan(),
        overlays=OverlayPlan(),
        workspace=Workspace(
            clock,
            changes,
            ResponseUrls(settings.base_url),
            people() | crowd(settings.crowd),
        ),
        platform=healthy_platform(seed=SEED, now=clock()),
        writes=WriteLog(),
        book=AlertBook(settings.base_url),
    )
    lab.platform.warm_up(settings.past_seconds, now=clock())
    lab.restore(read_state(settings.state_file))
    return lab


@asynccontextmanager
async def living(
    lab: Lab, alerts: AlertCourier, courier: Courier
) -> AsyncIterator[None]:
    """Tick, send alerts, repeat events and keep the state until the block ends."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                keep_ticking(
                    lab.platform,
                    lab.book,
                    alerts,
                    clock=lab.clock,
                    time_scale=lab.settings.time_scale,
                )
            ),
            group.create_task(alerts.run()),
            group.create_task(courier.retries.run()),
        ]
        if lab.settings.state_file is not None:
            keeping = keep_state(lab.settings.state_file, lab.changes, lab.snapshot)
            tasks.append(group.create_task(keeping))
        yield
        for task in tasks:
            task.cancel()


def add_slack(app: FastAPI, lab: Lab, client: httpx.AsyncClient) -> Courier:
    settings = lab.settings
    sockets = Sockets(
        settings.slack_app_token.get_secret_value(),
        ack_seconds=settings.slack_ack_seconds,
    )
    courier = Courier(
        f"{settings.web_url}/slack/events",
        settings.slack_signing_secret.get_secret_value(),
        client,
        lab.clock,
        sockets,
        pace=Pace(settings.slack_ack_seconds, settings.slack_retry_scale),
    )
    bot_token = settings.slack_bot_token.get_secret_value()
    persons = Persons(lab.workspace, courier)
    app.include_router(WebApi(lab.workspace, bot_token, sockets).router())
    app.include_router(Acts(persons).router())
    control = WorkspaceControl(lab.workspace, courier, lab.faults, sockets)
    app.include_router(control.router())
    return courier


def add_platform(app: FastAPI, lab: Lab, alerts: AlertCourier) -> None:
    token = lab.settings.platform_token.get_secret_value()
    desk = WriteDesk(lab.writes, lab.platform.audit, lab.clock, lab.changes)
    api = PlatformApi(lab.platform, desk)
    control = PlatformControl(
        lab.platform,
        (lab.book, alerts),
        (lab.faults, lab.overlays),
        clock=lab.clock,
        changes=lab.changes,
    )
    app.include_router(api.router(token))
    app.include_router(PrometheusApi(lab.platform.history, lab.clock).router(token))
    app.include_router(control.router())


def add_model(app: FastAPI, settings: LabSettings) -> None:
    """Serve the model under the platform's token as its key."""
    model = ModelServer(settings.platform_token.get_secret_value())
    app.mount("/model", model)
    app.include_router(model.router())


def main() -> None:
    settings = LabSettings()
    uvicorn.run(
        create_app(settings, time.time),
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
