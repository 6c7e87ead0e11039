"""The lab's Slack alone: its platform costs half a second, and is not needed here."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp

from lab.changes import ChangeFeed
from lab.fault import FaultPlan, FaultWall
from lab.slack.control import WorkspaceControl
from lab.slack.courier import Courier
from lab.slack.response_urls import ResponseUrls
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


@asynccontextmanager
async def slack_of(clock: Callable[[], float]) -> AsyncIterator[World]:
    """Serve a workspace with its faults; its client posts once, as ours does."""
    bound = free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}"
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
        served(_app(url, clock, http), bound),
    ):
        slack = AsyncWebClient(token=BOT_TOKEN, base_url=f"{url}/api/")
        slack.retry_handlers.clear()
        yield World(url, clock, http, slack, AppUnderTest())


def _app(url: str, clock: Callable[[], float], http: httpx.AsyncClient) -> ASGIApp:
    workspace = Workspace(clock, ChangeFeed(), ResponseUrls(url))
    faults = FaultPlan()
    courier = Courier(f"{url}/nowhere", SIGNING_SECRET, http, clock)
    app = FastAPI(openapi_url=None)
    app.include_router(WebApi(workspace, BOT_TOKEN).router())
    app.include_router(WorkspaceControl(workspace, courier, faults).router())
    return FaultWall(app, faults)
