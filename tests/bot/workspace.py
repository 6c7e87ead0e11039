"""The lab's Slack alone: its platform costs half a second, and is not needed here."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp

from bot.outbound.client import OutboundClient
from bot.outbound.gate import Gate
from lab.changes import ChangeFeed
from lab.fault import FaultPlan, FaultWall
from lab.slack.control import WorkspaceControl
from lab.slack.courier import Courier
from lab.slack.response_urls import ResponseUrl, ResponseUrls
from lab.slack.sockets import Sockets
from lab.slack.web_api import WebApi
from lab.slack.workspace import Workspace
from tests.lab.world import (
    BOT_TOKEN,
    SIGNING_SECRET,
    AppUnderTest,
    World,
    free_socket,
    port_of,
    served,
)


@dataclass
class SlackWorld(World):
    """The lab's Slack, the workspace behind it, and who delivers for it."""

    workspace_here: Workspace
    courier: Courier
    sockets: Sockets

    def response_url(self, user: str, channel: str, message_ts: str) -> str:
        """Give what Slack sends along with a click in a message."""
        spot = ResponseUrl(user, channel, self.clock(), message_ts=message_ts)
        return self.workspace_here.response_urls.issue(spot)


def slack_at(url: str, *, strict: bool = True) -> OutboundClient:
    """Give the product's client, which posts once, and says what does not fit."""
    made = AsyncWebClient(token=BOT_TOKEN, base_url=url, retry_handlers=[])
    return OutboundClient(made, Gate(strict=strict))


@asynccontextmanager
async def slack_of(
    clock: Callable[[], float], *, app_token: str = ""
) -> AsyncIterator[SlackWorld]:
    """
    Serve a workspace with its faults; its client posts once, as ours does.

    With an ``app_token`` it delivers over Socket Mode, else to nobody.
    """
    bound = free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}"
    workspace = Workspace(clock, ChangeFeed(), ResponseUrls(url))
    sockets = Sockets(app_token)
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        courier = Courier(f"{url}/nowhere", SIGNING_SECRET, http, clock, sockets)
        async with served(_app(workspace, courier, sockets), bound):
            slack = slack_at(f"{url}/api/")
            app = AppUnderTest()
            yield SlackWorld(url, clock, http, slack, app, workspace, courier, sockets)


def _app(workspace: Workspace, courier: Courier, sockets: Sockets) -> ASGIApp:
    faults = FaultPlan()
    app = FastAPI(openapi_url=None)
    app.include_router(WebApi(workspace, BOT_TOKEN, sockets).router())
    control = WorkspaceControl(workspace, courier, faults, sockets)
    app.include_router(control.router())
    return FaultWall(app, faults)
