"""
Who may deliver at a webhook endpoint, and how often.

Theory of operation. A source and a slug name an endpoint; what that endpoint holds says
what proves a sender: a vendor's signature if it has secrets, Amazon's if it has topics,
else its token. Whoever proves nothing gets one answer, whatever was wrong: the row is
read anew before, so that the wait is alike too, and a token that was just added is not
refused for an old look-up. Those answers come from one bucket for all strangers; while
it is empty nobody is looked up for them, nothing is logged of each, and the answer is
429. A proven sender has its endpoint's own bucket, and waits for strangers only where
this process has yet to look its endpoint up.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from starlette.requests import Request

from bot.bodies import MOST_BYTES, MOST_PROVEN_BYTES, Refused, read_body
from bot.buckets import Bucket, Buckets, Rate, full_bucket
from bot.endpoints import Endpoints
from bot.large import MOST_UNPROVEN, Place, Room
from bot.proofs import VERIFIERS, brings_signature, is_token, tokens_of
from bot.sealing import NotOpened, open_sealed
from bot.settings import WebSettings
from bot.signatures import BadSignature, Signed, verify_sns
from bot.sns import Get, Sns, SnsAway
from gateway.redaction.redact import storable
from policy.scope import Scope
from storage.database import Database
from storage.endpoints import KnownEndpoint

_NOT_PROVEN = (
    "no such endpoint, or neither token nor signature is this endpoint's; "
    "send the token as `Authorization: Bearer …`"
)
_SOURCE = re.compile(r"[a-z-]{1,20}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_TOLD_SECONDS = 10.0
_LATER_SECONDS = 30
_MOST_ARN = 300
# Certificates that strangers make this process fetch at once; then two a second.
_CERTIFICATES = 20


@dataclass(frozen=True, slots=True)
class Admitted:
    """
    A proven sender; ``confirms``: its subscription may be confirmed.

    ``body`` is what it signed; what no signature covers is yet to be read.
    """

    scope: Scope
    received_at: datetime
    body: bytes | None
    confirms: bool


@dataclass(frozen=True, slots=True)
class _Call:
    """A request; ``body`` is read before any proof only if its proof is over it."""

    request: Request
    source: str
    slug: str
    received_at: datetime
    body: bytes | None


class _Unproven(Exception):
    """The sender has proven nothing; the message is for the log."""


class _ForeignTopic(Exception):
    """Amazon proves a topic that is not the endpoint's."""


@dataclass(slots=True)
class Entrance:
    """One web process's door; ``webhook_key`` opens secrets."""

    endpoints: Endpoints
    buckets: Buckets
    strangers: Bucket
    sns: Sns
    webhook_key: str | None
    monotonic: Callable[[], float]
    unproven: Room = field(
        default_factory=lambda: Room(MOST_UNPROVEN, "deliveries that prove nothing yet")
    )
    unproven_large: Room = field(
        default_factory=lambda: Room(what="large deliveries that prove nothing yet")
    )
    _told_at: dict[tuple[str, str], float] = field(default_factory=dict)

    async def admit(self, request: Request, source: str, place: Place) -> Admitted:
        """
        Let a proven delivery in; ``place`` is its own, should it be large.

        Raises:
            Refused: not proven, too many, too large, or it can't be told now.
            DatabaseUnreachable: the endpoint could not be looked up.
        """
        slug = storable(request.path_params["slug"])
        if not self.endpoints.is_known(source, slug):
            self._stop_flood(self.strangers.wait(self.monotonic()))
        with self.unproven.place() as reading, self.unproven_large.place() as large:
            body = None
            if brings_signature(request, source):
                reading.take()
                body = await self._read_unproven(request, large)
            now = self.endpoints.database.now()
            call = _Call(request, source, slug, now, body)
            endpoint = await self._proven(call)
        if body is not None and len(body) > MOST_BYTES:
            place.take()
        self._take_turn(endpoint)
        has_topics = bool(endpoint.credentials.topics)
        return Admitted(endpoint.scope, call.received_at, body, confirms=has_topics)

    async def _read_unproven(self, request: Request, large: Place) -> bytes:
        """Read what a signature is to cover; one that can't be read is a stranger's."""
        try:
            return await read_body(
                request, most=MOST_PROVEN_BYTES, when_large=large.take
            )
        except Refused as exc:
            if exc.retry_seconds is None:
                self._stop_flood(self.strangers.take(self.monotonic()))
            raise

    async def _proven(self, call: _Call) -> KnownEndpoint:
        """Give the endpoint that the sender has proven, or say why there is none."""
        source, slug = call.source, call.slug
        try:
            return await self._prove(call)
        except _Unproven as exc:
            raise self.turn_away(source, slug, str(exc), 401, _NOT_PROVEN) from exc
        except _ForeignTopic as exc:
            raise self._foreign(call, str(exc)) from exc
        except SnsAway as exc:
            text = "the signature can't be checked now"
            raise self._later(slug, str(exc), text) from exc
        except NotOpened as exc:
            text = "this endpoint's secret can't be read"
            raise self._later(slug, str(exc), text) from exc

    async def _prove(self, call: _Call) -> KnownEndpoint:
        """Give the endpoint; ask the database anew before anybody is refused."""
        found = await self.endpoints.find(call.source, call.slug)
        try:
            return await self._prove_at(found.endpoint, call)
        except (_Unproven, _ForeignTopic):
            if found.is_fresh or self.strangers.wait(self.monotonic()) > 0:
                raise
        anew = await self.endpoints.read(call.source, call.slug)
        return await self._prove_at(anew, call)

    async def _prove_at(
        self, endpoint: KnownEndpoint | None, call: _Call
    ) -> KnownEndpoint:
        if endpoint is None:
            raise _Unproven("no such endpoint")
        held = endpoint.credentials
        try:
            if held.sealed_secrets:
                self._check_signature(held.sealed_secrets, call)
            elif held.topics:
                await self._check_topic(held.topics, call)
            elif not is_token(tokens_of(call.request, call.source), held.token_digests):
                raise _Unproven("no token, or not this endpoint's")
        except BadSignature as exc:
            raise _Unproven(str(exc)) from exc
        return endpoint

    def _check_signature(self, sealed: tuple[str, ...], call: _Call) -> None:
        verify = VERIFIERS.get(call.source)
        if verify is None or call.body is None:
            raise _Unproven("the endpoint has a secret, and there is no signature")
        secrets = open_sealed(sealed, self.webhook_key)
        if len(secrets) < len(sealed):
            self._tell_rarely("webhook.secret_not_opened", call.slug, "WEBHOOK_KEY")
        verify(_signed(call, call.body), secrets)

    async def _check_topic(self, topics: tuple[str, ...], call: _Call) -> None:
        if call.body is None:
            raise _Unproven("the endpoint has topics, and no message of SNS came")
        if len(call.body) > MOST_BYTES:
            raise _Unproven("no message of SNS is so long")
        signed, topic = _signed(call, call.body), _topic_of(call.body)
        is_foreign = bool(topic) and topic not in topics
        trusted = (topic,) if is_foreign else topics
        await verify_sns(signed, trusted, self.sns.certificate)
        if is_foreign:
            raise _ForeignTopic(topic)

    def _take_turn(self, endpoint: KnownEndpoint) -> None:
        seconds = self.buckets.take(endpoint.id, self.monotonic())
        if seconds > 0:
            self._tell_rarely("webhook.over_rate", endpoint.slug, "WEBHOOK_…")
            text = "more deliveries than this endpoint takes; send it again"
            raise _too_many(text, seconds)

    def _foreign(self, call: _Call, topic: str) -> Refused:
        why = f"topic {topic} is not among this endpoint's"
        refused = self.turn_away(call.source, call.slug, why, 403, why)
        mend = f"autopilot webhooks rotate {call.slug} --topic {topic}"
        structlog.get_logger().warning("webhook.foreign_topic", topic=topic, mend=mend)
        return refused

    def turn_away(
        self, source: str, slug: str, why: str, status: int, text: str
    ) -> Refused:
        """Take the answer to a stranger out of their bucket, and log it."""
        self._stop_flood(self.strangers.take(self.monotonic()))
        structlog.get_logger().info(
            "webhook.refused",
            source=source if _SOURCE.fullmatch(source) else "no source",
            slug=said_slug(slug),
            status=status,
            reason=why,
        )
        return Refused(status, text, is_told=True)

    def _stop_flood(self, seconds: float) -> None:
        if seconds > 0:
            self._tell_rarely("webhook.strangers_flood", "", "WEBHOOK_STRANGERS_…")
            text = "too many deliveries come that prove nothing; send it again"
            raise _too_many(text, seconds)

    def _later(self, slug: str, why: str, text: str) -> Refused:
        """Have a sender whose proof can't be looked at come again."""
        self._tell_rarely("webhook.not_checked", slug, why)
        said = f"{text}; send it again"
        return Refused(503, said, retry_seconds=_LATER_SECONDS, is_told=True)

    def _tell_rarely(self, event: str, slug: str, why: str) -> None:
        """Log what thousands of requests may meet; ``slug`` is an endpoint's, or no."""
        now, key = self.monotonic(), (event, slug)
        if now - self._told_at.get(key, -math.inf) >= _TOLD_SECONDS:
            self._told_at[key] = now
            structlog.get_logger().error(event, slug=slug, why=why)


def make_entrance(
    settings: WebSettings,
    database: Database,
    get: Get,
    monotonic: Callable[[], float],
) -> Entrance:
    """Wire the door by the process's settings."""
    now = monotonic()
    strangers = Rate(settings.stranger_per_second, settings.stranger_burst)
    deliveries = Rate(settings.webhook_per_second, settings.webhook_burst)
    return Entrance(
        Endpoints(database, monotonic),
        Buckets(deliveries),
        full_bucket(strangers, now),
        Sns(get, full_bucket(Rate(2, _CERTIFICATES), now), monotonic),
        settings.webhook_key,
        monotonic,
    )


def said_slug(slug: str) -> str:
    """Give what may be logged: a slug, not a token in its place."""
    return slug if _SLUG.fullmatch(slug) else "no slug"


def _too_many(text: str, seconds: float) -> Refused:
    return Refused(429, text, retry_seconds=math.ceil(seconds), is_told=True)


def _signed(call: _Call, body: bytes) -> Signed:
    return Signed(call.request.headers, body, call.received_at)


def _topic_of(body: bytes) -> str:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    topic = read.get("TopicArn") if isinstance(read, dict) else None
    return topic if isinstance(topic, str) and len(topic) <= _MOST_ARN else ""
