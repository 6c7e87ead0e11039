"""A lab on a free loopback port, and a small app that answers its deliveries."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import uvicorn
from pydantic import SecretStr
from slack_sdk.signature import Clock
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.outbound.client import OutboundClient
from bot.outbound.gate import Gate
from lab.json_object import JsonObject
from lab.server import create_app
from lab.settings import LabSettings

SIGNING_SECRET = "signing-secret-of-the-tests"  # noqa: S105
BOT_TOKEN = "xoxb-tests"  # noqa: S105
PLATFORM_TOKEN = "platform-tests"  # noqa: S105
WEBHOOK_TOKEN = "webhook-tests"  # noqa: S105
CHANNEL = "C0RELIABILITY"
OPERATOR = "U0OPERATOR"
# Each second is computed; the lab itself makes a quarter of an hour.
PAST_SECONDS = 180
# Not Slack's three: a machine that stalls is no app that dawdles.
PATIENT_SECONDS = 60.0

Answer = Callable[["Received"], Awaitable[str] | str]


class OpenGate(Gate):
    """Lets pass whatever a test sends to the lab, which is to judge it."""

    def passed(
        self, what: str, content: Mapping[str, object], *, is_awaited: bool = False
    ) -> dict[str, object]:
        del what, is_awaited
        return dict(content)


@dataclass
class SteppedClock:
    """A clock that the test moves."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class StillClock(Clock):
    """
    A clock for a verifier of its own.

    All verifiers made without one share slack_sdk's default: never set that one's time.
    """

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: many[0] for name, many in parse_qs(self.body.decode()).items()}

    @property
    def payload(self) -> JsonObject:
        parsed = json.loads(self.form["payload"])
        assert isinstance(parsed, dict)
        return parsed


@dataclass
class AppUnderTest:
    """Stores what the lab sends; `answer`, `status`, `headers` are what it gets."""

    received: list[Received] = field(default_factory=list)
    answer: Answer | None = None
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        sent = {k.decode(): v.decode() for k, v in scope["headers"]}
        arrived = Received(scope["path"], sent, body)
        self.received.append(arrived)
        said = self.answer(arrived) if self.answer else ""
        text = (said if isinstance(said, str) else await said).encode()
        length = (b"content-length", str(len(text)).encode())
        headers = [length, *self.headers]
        await send(
            {"type": "http.response.start", "status": self.status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": text})


@dataclass
class World:
    url: str
    clock: Callable[[], float]
    http: httpx.AsyncClient
    slack: OutboundClient
    app: AppUnderTest

    async def post(self, path: str, body: JsonObject) -> httpx.Response:
        return await self.http.post(path, json=body)

    async def workspace(self, user: str = OPERATOR) -> JsonObject:
        answer = (await self.http.get("/lab/workspace", params={"user": user})).json()
        assert isinstance(answer, dict)
        return answer


def free_socket() -> socket.socket:
    # With its protocol named, asyncio sets TCP_NODELAY on what it accepts; else each
    # answer waits 40 ms for the peer's delayed acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    return bound


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


@asynccontextmanager
async def served(app: ASGIApp, bound: socket.socket) -> AsyncIterator[None]:
    """Serve until the block ends; uvicorn closes the socket."""
    server = _Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[bound]))
        await server.up.wait()
        try:
            yield
        finally:
            server.over.set()


class _Server(uvicorn.Server):
    """Tells when it is up, and ends at once when told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up, self.over = asyncio.Event(), asyncio.Event()

    def install_signal_handlers(self) -> None:
        """Leave signals to pytest."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self.up.set()
        await self.over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as uvicorn does, but for the tenth of a second that it sleeps first."""
        for server in self.servers:
            server.close()
        for bound in sockets or []:
            bound.close()
        state, loop = self.server_state, asyncio.get_running_loop()
        for connection in list(state.connections):
            connection.shutdown()
        latest = loop.time() + (self.config.timeout_graceful_shutdown or 0)
        while (state.connections or state.tasks) and loop.time() < latest:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


@asynccontextmanager
async def world_of(
    clock: Callable[[], float],
    *,
    state_file: Path | None = None,
    scale: float = 1.0,
    ack_seconds: float = PATIENT_SECONDS,
) -> AsyncIterator[World]:
    lab_socket, app_socket = free_socket(), free_socket()
    settings = settings_for(
        port_of(lab_socket),
        port_of(app_socket),
        state_file=state_file,
        scale=scale,
        ack_seconds=ack_seconds,
    )
    under_test = AppUnderTest()
    async with (
        served(under_test, app_socket),
        served(create_app(settings, clock), lab_socket),
        httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as http,
    ):
        plain = AsyncWebClient(token=BOT_TOKEN, base_url=f"{settings.base_url}/api/")
        slack = OutboundClient(plain, OpenGate(strict=False))
        yield World(settings.base_url, clock, http, slack, under_test)


def settings_for(
    port: int,
    app_port: int,
    *,
    state_file: Path | None,
    scale: float,
    ack_seconds: float,
) -> LabSettings:
    return LabSettings(
        port=port,
        web_url=f"http://127.0.0.1:{app_port}",
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_bot_token=SecretStr(BOT_TOKEN),
        platform_token=SecretStr(PLATFORM_TOKEN),
        webhook_token=SecretStr(WEBHOOK_TOKEN),
        time_scale=scale,
        slack_ack_seconds=ack_seconds,
        past_seconds=PAST_SECONDS,
        state_file=state_file,
    )


def platform_headers(**more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Authorization": f"Bearer {PLATFORM_TOKEN}", **named}


def button(action_id: str, value: str = "p1", **more: object) -> JsonObject:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": action_id.title()},
        "action_id": action_id,
        "value": value,
        **more,
    }


def card(*elements: JsonObject) -> list[JsonObject]:
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Turn it off?*"}},
        {"type": "actions", "block_id": "decide", "elements": list(elements)},
    ]


def modal(**more: object) -> JsonObject:
    return {
        "type": "modal",
        "callback_id": "edit",
        "title": {"type": "plain_text", "text": "Edit"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [
            {
                "type": "input",
                "block_id": "limit",
                "label": {"type": "plain_text", "text": "Limit"},
                "element": {
                    "type": "number_input",
                    "action_id": "v",
                    "is_decimal_allowed": False,
                    "min_value": "100",
                    "max_value": "2000",
                    "initial_value": "400",
                },
            }
        ],
        **more,
    }
