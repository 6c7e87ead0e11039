"""The lab's Slack alone: its platform costs half a second, and is not needed here."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp

from lab.changes import ChangeFeed
from lab.fault import FaultPlan, FaultWall
from lab.slack.control import WorkspaceControl
from lab.slack.courier import Courier
from lab.slack.response_urls import ResponseUrl, ResponseUrls
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
    """The lab's Slack, and the workspace behind it."""

    workspace_here: Workspace

    def response_url(self, user: str, channel: str, message_ts: str) -> str:
        """Give what Slack sends along with a click in a message."""
        spot = ResponseUrl(user, channel, self.clock(), message_ts=message_ts)
        return self.workspace_here.response_urls.issue(spot)


@asynccontextmanager
async def slack_of(clock: Callable[[], float]) -> AsyncIterator[SlackWorld]:
    """Serve a workspace with its faults; its client posts once, as ours does."""
    bound = free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}"
    workspace = Workspace(clock, ChangeFeed(), ResponseUrls(url))
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
        served(_app(url, clock, http, workspace), bound),
    ):
        slack = AsyncWebClient(token=BOT_TOKEN, base_url=f"{url}/api/")
        slack.retry_handlers.clear()
        yield SlackWorld(url, clock, http, slack, AppUnderTest(), workspace)


def _app(
    url: str,
    clock: Callable[[], float],
    http: httpx.AsyncClient,
    workspace: Workspace,
) -> ASGIApp:
    faults = FaultPlan()
    courier = Courier(f"{url}/nowhere", SIGNING_SECRET, http, clock)
    app = FastAPI(openapi_url=None)
    app.include_router(WebApi(workspace, BOT_TOKEN).router())
    app.include_router(WorkspaceControl(workspace, courier, faults).router())
    return FaultWall(app, faults)
