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
from lab.slack.signature import FORM, JSON, signed_headers


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

    def rendered(self) -> JsonObject:
        return {**asdict(self), "ok": self.ok}


@dataclass
class Delivery:
    kind: str
    user: str
    body: bytes
    headers: dict[str, str]
    outcomes: list[Outcome]

    def rendered(self, index: int) -> JsonObject:
        return {
            "index": index,
            "kind": self.kind,
            "user": self.user,
            "body": self.body.decode(),
            "headers": self.headers,
            "outcomes": [outcome.rendered() for outcome in self.outcomes],
        }


class Courier:
    def __init__(
        self, events_url: str, secret: str, client: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._url = events_url
        self._secret = secret
        self._client = client
        self._clock = clock
        self._deliveries: list[Delivery] = []

    async def deliver(self, kind: str, user: str, form: dict[str, str]) -> Outcome:
        return await self._deliver(kind, user, urlencode(form).encode(), FORM)

    async def deliver_event(self, user: str, callback: JsonObject) -> Outcome:
        """Send an event of the Events API, which comes as JSON."""
        kind, body = str(callback["event"]["type"]), json.dumps(callback).encode()
        return await self._deliver(kind, user, body, JSON)

    async def _deliver(
        self, kind: str, user: str, body: bytes, content_type: str
    ) -> Outcome:
        now = self._clock()
        headers = signed_headers(self._secret, body, now=now, content_type=content_type)
        delivery = Delivery(kind, user, body, headers, [])
        self._deliveries.append(delivery)
        return await self._send(delivery)

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
        started = time.perf_counter()
        status, body = await self._answer(delivery)
        outcome = Outcome(status, body, round(time.perf_counter() - started, 4))
        delivery.outcomes.append(outcome)
        return outcome

    async def _answer(self, delivery: Delivery) -> tuple[int, str]:
        try:
            async with asyncio.timeout(ACK_SECONDS):
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
        return response.status_code, response.text
