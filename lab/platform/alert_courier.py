"""Carry webhooks to the bot's web process, for as long as it takes."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass

import httpx

from lab.clock import Clock, iso
from lab.json_object import JsonObject

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 5.0
KEPT_ATTEMPTS = 100


@dataclass(frozen=True)
class Destination:
    url: str
    token: str


class AlertCourier:
    """One group's newest webhook replaces its older unsent one, as in Alertmanager."""

    def __init__(
        self, destination: Destination, client: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._destination = destination
        self._client = client
        self._clock = clock
        self._waiting: OrderedDict[str, JsonObject] = OrderedDict()
        self._arrived = asyncio.Event()
        self.attempts: deque[JsonObject] = deque(maxlen=KEPT_ATTEMPTS)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def send(self, webhook: JsonObject) -> None:
        self._waiting[str(webhook["alerts"][0]["fingerprint"])] = webhook
        self._arrived.set()

    async def run(self) -> None:
        wait_seconds = FIRST_WAIT_SECONDS
        while True:
            await self._arrived.wait()
            if await self.carry_one():
                wait_seconds = FIRST_WAIT_SECONDS
                continue
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(wait_seconds * 2, LONGEST_WAIT_SECONDS)

    async def carry_one(self) -> bool:
        """Try the oldest waiting webhook; True if no retry is due for it."""
        if not self._waiting:
            self._arrived.clear()
            return True
        fingerprint, webhook = next(iter(self._waiting.items()))
        status = await self._post(webhook)
        if not is_settled(status):
            return False
        if self._waiting.get(fingerprint) is webhook:
            del self._waiting[fingerprint]
        return True

    async def _post(self, webhook: JsonObject) -> int:
        error = ""
        try:
            response = await self._client.post(
                self._destination.url,
                json=webhook,
                headers={"Authorization": f"Bearer {self._destination.token}"},
                timeout=10.0,
            )
            status = response.status_code
        except httpx.HTTPError as failed:
            status, error = 0, type(failed).__name__
        self.attempts.append(
            {
                "at": iso(self._clock()),
                "alertname": webhook["groupLabels"]["alertname"],
                "service": webhook["groupLabels"]["service"],
                "state": webhook["status"],
                "status": status,
                "error": error,
            }
        )
        return status


def is_settled(status: int) -> bool:
    """Alertmanager retries 429, 5xx and silence; other refusals are final."""
    return 200 <= status < 500 and status not in (404, 429)  # noqa: PLR2004
