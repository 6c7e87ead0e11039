"""
Whose request it is, told before Bolt sees it.

Theory of operation. Bolt verifies again; here a request that Slack did not sign for our
app ends at once, by what costs least first: its length, its timestamp, its signature
over the bytes as they came, the app that it names. Nothing of it is stored, and one
line of log says why, without a word of it; a flood of them logs no more than its bucket
lets, and then how many there were. With Socket Mode the connection itself is the proof.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from bot.bodies import MOST_FIELDS
from bot.buckets import Bucket, Rate, full_bucket

# Slack's payloads are far smaller; a modal has at most 250 kB (views.open).
MOST_BYTES = 512 * 1024
# As Slack's own verifiers do (slack_sdk SignatureVerifier).
_LATE_SECONDS = 300
_STAMP = re.compile(r"[0-9]{1,12}")
# So many lines of log at once, and a second after that.
_TOLD_AT_ONCE, _TOLD_A_SECOND = 60, 1


@dataclass(frozen=True, slots=True)
class _Refusal:
    """``reason`` is for the log, ``text`` for whoever sent it."""

    status: int
    reason: str
    text: str


_NO_PAYLOAD = "this is no payload of Slack's"
_FORGED = "not signed with this app's signing secret"


@dataclass(slots=True)
class SlackDoor:
    """One web process's; ``app_id`` "" where nobody set it, ``clock`` is Unix time."""

    signing_secret: str
    app_id: str
    clock: Callable[[], float]
    monotonic: Callable[[], float]
    _told: Bucket
    _untold: int = 0

    async def refuse(self, request: Request) -> JSONResponse | None:
        """Give the answer to a request that is not Slack's to us; None lets it in."""
        found = self._by_headers(request) or await self._by_body(request)
        return None if found is None else self._turned_away(found)

    def not_read(self, exc: Exception) -> JSONResponse:
        """Answer what Slack signed, and Bolt stumbled over before any listener."""
        reason = f"lacks a part ({type(exc).__name__})"
        return self._turned_away(_Refusal(400, reason, _NO_PAYLOAD))

    def _turned_away(self, found: _Refusal) -> JSONResponse:
        self._tell(found)
        return JSONResponse({"error": found.text}, found.status)

    def _by_headers(self, request: Request) -> _Refusal | None:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        if not _STAMP.fullmatch(stamp):
            return _Refusal(401, "no timestamp", "invalid timestamp")
        length = request.headers.get("content-length", "")
        if not length:
            return _Refusal(411, "no length", "send a Content-Length")
        if not length.isdecimal() or int(length[:12]) > MOST_BYTES:
            return _Refusal(413, "too large", "too large")
        if abs(self.clock() - int(stamp)) > _LATE_SECONDS:
            return _Refusal(401, "stale", "invalid request")
        return None

    async def _by_body(self, request: Request) -> _Refusal | None:
        try:
            body = await request.body()
        except ClientDisconnect:
            return _Refusal(400, "cut off", "cut off")
        if not self._is_signed(request, body):
            return _Refusal(401, _FORGED, "invalid request")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return _Refusal(400, "not UTF-8", "send UTF-8")
        payload = _payload_of(text, request.headers.get("content-type", ""))
        if payload is None:
            return _Refusal(400, "no payload", _NO_PAYLOAD)
        named = payload.get("api_app_id") or self.app_id
        if self.app_id and named != self.app_id:
            return _Refusal(403, "another app's", "this is another app")
        return None

    def _is_signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers["x-slack-request-timestamp"]
        signed = b"v0:" + stamp.encode() + b":" + body
        secret = self.signing_secret.encode()
        wanted = "v0=" + hmac.new(secret, signed, sha256).hexdigest()
        given = request.headers.get("x-slack-signature", "")
        return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))

    def _tell(self, found: _Refusal) -> None:
        if self._told.take(self.monotonic()) > 0:
            self._untold += 1
            return
        log = structlog.get_logger().bind(status=found.status, reason=found.reason)
        log.warning("slack.refused", untold_before=self._untold)
        self._untold = 0


def make_slack_door(
    signing_secret: str,
    app_id: str,
    clock: Callable[[], float],
    monotonic: Callable[[], float],
) -> SlackDoor:
    """Make the door of a process that has refused nobody yet."""
    rate = Rate(_TOLD_A_SECOND, _TOLD_AT_ONCE)
    told = full_bucket(rate, monotonic())
    return SlackDoor(signing_secret, app_id, clock, monotonic, told)


def _payload_of(text: str, content_type: str) -> Mapping[str, object] | None:
    """Read what an event, a click or a command says; None if Bolt could not read it."""
    is_json = content_type.partition(";")[0].strip() == "application/json"
    if not (is_json or text.startswith("{")):
        try:
            form = dict(parse_qsl(text, max_num_fields=MOST_FIELDS))
        except ValueError:
            return None
        if "payload" not in form:
            return form
        text = form["payload"]
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
