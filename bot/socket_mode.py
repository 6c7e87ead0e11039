"""
Slack's Socket Mode: what Slack would post to us comes over connections that we open.

Theory of operation. Two connections, so that one may be renewed or break while the
other hears; slack_sdk keeps each open. A request is acknowledged when its listener has
answered, which stores first: what a connection loses before is sent again over another
one, and its row is there once. At the end nothing more is heard, and what was heard is
answered, or its person told that nobody knows.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.in_time import InTime
from bot.slack_channel import SLACK_AWAY, is_away

CONNECTIONS = 2
_PING_SECONDS = 5.0
_TICKET = re.compile(r"(wss?://[^?'\"\s]+)[^'\"\s]*")
# What was heard is answered within Slack's three seconds, or not at all.
_LAST_ANSWERS_SECONDS = 3.0


class SocketRefused(Exception):
    """Slack lets nobody connect with this token, now or later."""


@dataclass(slots=True)
class SocketMode:
    """The connections of one web process; ``app_token`` is the app's ``xapp-…``."""

    in_time: InTime
    app_token: str
    api_url: str
    ping_seconds: float = _PING_SECONDS
    _clients: list[SocketModeClient] = field(default_factory=list)
    _busy: int = 0

    async def count_open(self) -> int:
        """Give how many connections hear Slack now."""
        return sum([await one.is_connected() for one in self._clients])

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """
        Hear Slack until the block ends, and answer what was heard.

        Raises:
            SocketRefused: the token is not one of an app with Socket Mode.
        """
        web = AsyncWebClient(
            token=self.app_token, base_url=self.api_url, retry_handlers=[]
        )
        addresses = [
            await _first_address(web, self.app_token) for _ in range(CONNECTIONS)
        ]
        async with asyncio.TaskGroup() as group:
            for address in addresses:
                client = self._client(web)
                client.wss_uri = address
            # While Slack is away it is asked again and again.
            opening = [
                group.create_task(one.connect())  # type: ignore[no-untyped-call]
                for one in self._clients
            ]
            try:
                yield
            finally:
                for task in opening:
                    task.cancel()
                await self._close()

    def _client(self, web: AsyncWebClient) -> SocketModeClient:
        handler = AsyncSocketModeHandler(
            self.in_time.app,
            self.app_token,
            logger=_logger(),
            web_client=web,
            ping_interval=self.ping_seconds,
        )

        async def hear(client: SocketModeClient, request: SocketModeRequest) -> None:
            self._busy += 1
            try:
                await self._answer(client, request)
            finally:
                self._busy -= 1

        handler.client.socket_mode_request_listeners[:] = [hear]  # type: ignore[list-item]
        self._clients.append(handler.client)
        return handler.client

    async def _answer(
        self, client: SocketModeClient, request: SocketModeRequest
    ) -> None:
        """Acknowledge as Bolt's handler does, and finish what takes longer after it."""
        asked = AsyncBoltRequest(
            mode="socket_mode", body=request.payload, headers=build_headers(request)
        )
        response, rest = await self.in_time.answer(asked)
        await send_async_response(client, request, response, time())
        if rest is not None:
            await rest()

    async def _close(self) -> None:
        for one in self._clients:
            if one.message_receiver is not None:
                one.message_receiver.cancel()
        try:
            async with asyncio.timeout(_LAST_ANSWERS_SECONDS):
                while self._busy:  # noqa: ASYNC110 - listeners end where they like
                    await asyncio.sleep(0.01)
        except TimeoutError:
            structlog.get_logger().warning("socket_mode.unanswered", left=self._busy)
        await self.in_time.end()
        for one in self._clients:
            await one.close()  # type: ignore[no-untyped-call]
        self._clients.clear()


class _NoTickets(logging.Filter):
    """Keeps what an address to connect to lets anybody do out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if record.exc_info is not None and record.exc_info[1] is not None:
            said = f"{said} ({type(record.exc_info[1]).__name__})"
        record.msg, record.args = _TICKET.sub(r"\1?…", said), ()
        record.exc_info = record.exc_text = None
        return True


def _logger() -> logging.Logger:
    logger = logging.getLogger("slack.socket_mode")
    logger.filters[:] = [_NoTickets()]
    return logger


async def _first_address(web: AsyncWebClient, app_token: str) -> str | None:
    """Ask where to connect to; None while Slack is away: the client asks again."""
    try:
        answer = await web.apps_connections_open(app_token=app_token)
    except SlackApiError as exc:
        if is_away(exc):
            return None
        code = exc.response.get("error", "unknown")
        raise SocketRefused(
            f"apps.connections.open: {code}; check SLACK_APP_TOKEN (xapp-…, with "
            "connections:write), and that Socket Mode is on in the app's settings"
        ) from exc
    except SLACK_AWAY:
        return None
    return str(answer["url"])
