"""
Events on NATS JetStream: the subject is the stream's name, the message id the event's.

Each is confirmed before the next is sent, so that the stream has them in the order of
the seals, however often a part of them is sent again. A stream that the operators made
for the subject is taken as it is; without one it is made, on disk.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from nats.aio.client import Client
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import DeliverPolicy, Header, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from orchestrator.bus import MOST_KEPT, PATIENCE_SECONDS, STREAM, BusAway, Message

_STREAM_NAME = "EVENTS_OPS_AGENTS_V1"
_MEDIA_TYPE = "application/cloudevents+json"
_AWAY = (Error, OSError, TimeoutError)


class NatsBus:
    """Fulfils ``Bus``; what broke is connected anew by the next call."""

    name = "nats"

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._cause: Exception | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        try:
            stream = await self._connected()
            for one in messages:
                headers = {Header.MSG_ID: one.id, "content-type": _MEDIA_TYPE}
                await stream.publish(STREAM, one.event.encode(), headers=headers)
        except _AWAY as exc:
            raise await self._away(exc) from exc

    async def check(self) -> None:
        try:
            await self._connected()
        except _AWAY as exc:
            raise await self._away(exc) from exc

    async def follow(self, *, beginning: bool) -> AsyncIterator[str]:
        policy = DeliverPolicy.ALL if beginning else DeliverPolicy.NEW
        try:
            stream = await self._connected()
            reading = await stream.subscribe(
                STREAM, ordered_consumer=True, deliver_policy=policy
            )
            async for one in reading.messages:
                yield one.data.decode()
        except _AWAY as exc:
            raise await self._away(exc) from exc

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_AWAY):
                await client.close()

    async def _note(self, error: Exception) -> None:
        """Keep what a server said, if it did, over a connection that only broke."""
        if self._cause is None or isinstance(self._cause, OSError):
            self._cause = error

    async def _away(self, error: Exception) -> BusAway:
        await self.close()
        cause, self._cause = self._cause or error, None
        return BusAway(f"nats: {cause}")

    async def _connected(self) -> JetStreamContext:
        if self._client is None:
            # Kept before it is connected: what it opened is closed if that fails.
            self._client, self._cause = Client(), None
            await self._client.connect(
                self._url,
                connect_timeout=round(PATIENCE_SECONDS),
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                name="ops-autopilot",
                error_cb=self._note,
            )
            await _make_stream(self._client.jetstream())
        return self._client.jetstream(timeout=PATIENCE_SECONDS)


async def _make_stream(stream: JetStreamContext) -> None:
    try:
        await stream.find_stream_name_by_subject(STREAM)
    except NotFoundError:
        config = StreamConfig(
            name=_STREAM_NAME,
            subjects=[STREAM],
            max_msgs=MOST_KEPT,
            storage=StorageType.FILE,
        )
        await stream.add_stream(config)
