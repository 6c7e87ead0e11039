"""Deliver to the app over the connections that it opened: Slack's Socket Mode."""

import asyncio
import hmac
import itertools
import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.websockets import WebSocket, WebSocketDisconnect

from lab.json_object import JsonObject
from lab.slack.limits import ACK_SECONDS
from lab.slack.refusal import SlackRefusal

# Slack's most for an app.
MOST_CONNECTIONS = 10
_POLICY_VIOLATION = 1008


class NoConnection(Exception):
    """No connection is open, or each one broke before it answered."""


@dataclass
class _Connection:
    socket: WebSocket
    waiting: dict[str, asyncio.Future[str]] = field(default_factory=dict)

    def answer(self, envelope_id: str, body: str) -> None:
        future = self.waiting.get(envelope_id)
        if future is not None and not future.done():
            future.set_result(body)

    def break_off(self) -> None:
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(NoConnection("the connection broke"))


@dataclass
class Sockets:
    """An app's connections; without an ``app_token`` the app is asked over HTTP."""

    app_token: str = ""
    ack_seconds: float = ACK_SECONDS
    _tickets: set[str] = field(default_factory=set)
    _open: list[_Connection] = field(default_factory=list)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def on(self) -> bool:
        return bool(self.app_token)

    def issue(self, token: str, base_url: str) -> JsonObject:
        """
        Answer `apps.connections.open`: where to connect to, once.

        Raises:
            SlackRefusal: the token is not the app's.
        """
        if not self.on or not hmac.compare_digest(token, self.app_token):
            raise SlackRefusal("invalid_auth" if token else "not_authed")
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        address = base_url.replace("http://", "ws://", 1).rstrip("/")
        return {"ok": True, "url": f"{address}/api/socket/{ticket}"}

    async def serve(self, socket: WebSocket) -> None:
        """Keep one connection until either side ends it."""
        ticket = str(socket.path_params["ticket"])
        if ticket not in self._tickets or len(self._open) >= MOST_CONNECTIONS:
            await socket.close(_POLICY_VIOLATION)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = _Connection(socket)
        self._open.append(connection)
        try:
            await socket.send_json(self._hello())
            while True:
                said = json.loads(await socket.receive_text())
                body = json.dumps(said["payload"]) if said.get("payload") else ""
                connection.answer(str(said.get("envelope_id")), body)
        except WebSocketDisconnect:
            pass
        finally:
            self._open.remove(connection)
            connection.break_off()

    async def deliver(self, body: bytes, *, retries: int = 0, reason: str = "") -> str:
        """
        Send an envelope and give what its acknowledgement carries, as JSON or "".

        One whose connection breaks meanwhile is sent again over another one.
        ``retries``: how often it was sent before, and the ``reason`` of the last.

        Raises:
            NoConnection: nobody could be asked.
            TimeoutError: no acknowledgement came in time.
        """
        envelope = envelope_of(body) | {"retry_reason": reason}
        async with asyncio.timeout(self.ack_seconds):
            for attempt in itertools.count(retries):
                if not self._open:
                    raise NoConnection("no connection is open")
                connection = self._open[next(self._turn) % len(self._open)]
                try:
                    return await _ask(connection, envelope | {"retry_attempt": attempt})
                except NoConnection:
                    continue
        raise NoConnection("no connection is open")

    async def refresh(self) -> int:
        """Ask each connection to make room for a new one, as Slack does for hours."""
        asked = list(self._open)
        for one in asked:
            await one.socket.send_json(
                {"type": "disconnect", "reason": "refresh_requested"}
            )
        return len(asked)

    async def cut(self, *, most: int = MOST_CONNECTIONS) -> int:
        """Close so many connections without a word, the oldest first."""
        cut = self._open[:most]
        for one in cut:
            await one.socket.close()
        return len(cut)

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": "A0LAB"},
            "debug_info": {"approximate_connection_time": 18060},
        }


async def _ask(connection: _Connection, envelope: JsonObject) -> str:
    envelope_id = str(envelope["envelope_id"])
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    connection.waiting[envelope_id] = future
    try:
        await connection.socket.send_json(envelope)
        return await future
    except (WebSocketDisconnect, RuntimeError) as exc:
        raise NoConnection("the connection broke") from exc
    finally:
        del connection.waiting[envelope_id]


def envelope_of(body: bytes) -> JsonObject:
    """Wrap what would be posted; the same bytes have the same envelope id."""
    kind, payload = _unwrapped(body)
    return {
        "envelope_id": sha256(body).hexdigest()[:32],
        "type": kind,
        "accepts_response_payload": kind != "events_api",
        "payload": payload,
    }


def _unwrapped(body: bytes) -> tuple[str, JsonObject]:
    text = body.decode()
    if text.startswith("{"):
        return "events_api", json.loads(text)
    form = {name: many[0] for name, many in parse_qs(text).items()}
    if "payload" in form:
        return "interactive", json.loads(form["payload"])
    return "slash_commands", dict(form)
