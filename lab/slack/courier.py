"""Deliver signed payloads to the app and time its answer."""

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

import httpx

from lab.clock import Clock
from lab.json_object import JsonObject
from lab.slack.limits import ACK_SECONDS
from lab.slack.retries import Retries
from lab.slack.signature import FORM, JSON, signed_headers
from lab.slack.sockets import NoConnection, Sockets

_OK = 200
_NO_RETRY = "x-slack-no-retry"
_RETRY_NUM, _RETRY_REASON = "x-slack-retry-num", "x-slack-retry-reason"


@dataclass(frozen=True)
class Outcome:
    """`status` is 0 when no answer came in time; then `body` says why."""

    status: int
    body: str
    seconds: float

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004

    @property
    def error(self) -> str:
        """What Slack shows: nothing, a timeout, or a failed dispatch."""
        if self.ok:
            return ""
        return self.body if self.status == 0 else "dispatch_failed"

    @property
    def retry_reason(self) -> str:
        """Say as Slack does why an event is sent again."""
        if self.status:
            return "http_error"
        is_late = self.body == "operation_timeout"
        return "http_timeout" if is_late else "connection_failed"

    def rendered(self) -> JsonObject:
        return {**asdict(self), "ok": self.ok}


@dataclass
class Delivery:
    """``wants_no_retry``: the app said so in an answer."""

    kind: str
    user: str
    body: bytes
    headers: dict[str, str]
    outcomes: list[Outcome]
    wants_no_retry: bool = False

    def rendered(self, index: int) -> JsonObject:
        return {
            "index": index,
            "kind": self.kind,
            "user": self.user,
            "body": self.body.decode(),
            "headers": self.headers,
            "outcomes": [outcome.rendered() for outcome in self.outcomes],
        }


@dataclass(frozen=True)
class Pace:
    """``retry_scale`` divides the seconds behind which an event is sent again."""

    ack_seconds: float = ACK_SECONDS
    retry_scale: float = 1.0


class Courier:
    """
    Sends each payload signed, and an event that is not acknowledged again.

    ``twice``: so many deliveries more are sent two times. While events are held
    (``hold``), people wait for nothing; ``release`` sends the newest first.
    """

    def __init__(
        self,
        events_url: str,
        secret: str,
        client: httpx.AsyncClient,
        clock: Clock,
        sockets: Sockets | None = None,
        *,
        pace: Pace = Pace(),
    ) -> None:
        self._sockets = sockets or Sockets()
        self._url = events_url
        self._secret = secret
        self._client = client
        self._clock = clock
        self._ack_seconds = pace.ack_seconds
        self._deliveries: list[Delivery] = []
        self.retries = Retries(self._send_event_again, clock, pace.retry_scale)
        self.twice = 0
        self._held: list[Delivery] | None = None

    async def deliver(self, kind: str, user: str, form: dict[str, str]) -> Outcome:
        return await self._deliver(kind, user, urlencode(form).encode(), FORM)

    async def deliver_event(self, user: str, callback: JsonObject) -> Outcome:
        """Send an event of the Events API, which comes as JSON."""
        kind, body = str(callback["event"]["type"]), json.dumps(callback).encode()
        delivery = self._noted(kind, user, body, JSON)
        if self._held is not None:
            self._held.append(delivery)
            return Outcome(0, "held", 0.0)
        return await self._send_event(delivery)

    def hold(self) -> None:
        """Keep events back until they are released."""
        self._held = self._held or []

    async def release(self) -> int:
        """Send what was held, the newest first; give how many they were."""
        held, self._held = self._held or [], None
        for delivery in reversed(held):
            await self._send_event(delivery)
        return len(held)

    async def _send_event(self, delivery: Delivery) -> Outcome:
        outcome = await self._send(delivery)
        if not outcome.ok and not delivery.wants_no_retry:
            self.retries.note(delivery)
        return outcome

    async def _send_event_again(self, delivery: Delivery, attempt: int) -> bool:
        """Tell whether that was the last time."""
        now, reason = self._clock(), delivery.outcomes[-1].retry_reason
        delivery.headers = {
            **signed_headers(self._secret, delivery.body, now=now, content_type=JSON),
            _RETRY_NUM: str(attempt),
            _RETRY_REASON: reason,
        }
        outcome = await self._send(delivery)
        return outcome.ok or delivery.wants_no_retry

    async def _deliver(
        self, kind: str, user: str, body: bytes, content_type: str
    ) -> Outcome:
        return await self._send(self._noted(kind, user, body, content_type))

    def _noted(self, kind: str, user: str, body: bytes, content_type: str) -> Delivery:
        now = self._clock()
        headers = signed_headers(self._secret, body, now=now, content_type=content_type)
        delivery = Delivery(kind, user, body, headers, [])
        self._deliveries.append(delivery)
        return delivery

    async def deliver_again(self, index: int) -> Outcome:
        """Send the same bytes with the same signature.

        Raises: IndexError.
        """
        return await self._send(self._deliveries[index])

    def listed(self) -> list[JsonObject]:
        return [
            delivery.rendered(index) for index, delivery in enumerate(self._deliveries)
        ]

    async def _send(self, delivery: Delivery) -> Outcome:
        outcome = await self._send_once(delivery)
        if self.twice > 0:
            self.twice -= 1
            await self._send_once(delivery)
        return outcome

    async def _send_once(self, delivery: Delivery) -> Outcome:
        started = time.perf_counter()
        status, body = await self._answer(delivery)
        outcome = Outcome(status, body, round(time.perf_counter() - started, 4))
        delivery.outcomes.append(outcome)
        return outcome

    async def _answer(self, delivery: Delivery) -> tuple[int, str]:
        if self._sockets.on:
            return await self._answer_over_sockets(delivery)
        try:
            async with asyncio.timeout(self._ack_seconds):
                response = await self._client.post(
                    self._url,
                    content=delivery.body,
                    headers=delivery.headers,
                    timeout=None,
                )
        except TimeoutError:
            return 0, "operation_timeout"
        except httpx.HTTPError:
            return 0, "dispatch_failed"
        delivery.wants_no_retry = response.headers.get(_NO_RETRY) == "1"
        return response.status_code, response.text

    async def _answer_over_sockets(self, delivery: Delivery) -> tuple[int, str]:
        try:
            return _OK, await self._sockets.deliver(
                delivery.body,
                retries=int(delivery.headers.get(_RETRY_NUM, 0)),
                reason=delivery.headers.get(_RETRY_REASON, ""),
            )
        except TimeoutError:
            return 0, "operation_timeout"
        except NoConnection:
            return 0, "dispatch_failed"
