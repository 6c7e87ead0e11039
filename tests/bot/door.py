"""Webhook endpoints over ASGI, of any source, with any proof."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import httpx
from fastapi import FastAPI

from bot.sealing import seal
from policy.scope import Scope
from storage import endpoints
from storage.database import Row
from storage.endpoints import Credentials, NewEndpoint, digest_of
from storage.steps import Step
from tests.bot.amazon import Amazon
from tests.conftest import Databases
from tests.database import RELEASE

WEBHOOK_KEY = "d2ViaG9va3Mtb2YtdGhlLXRlc3RzLW9mLTMyLWJ5dGU="
TOKEN, SECRET = "token-of-the-endpoint", "secret-of-the-vendor"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Headers = dict[str, str]
Sign = Callable[[bytes, datetime, str], Headers]


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, sha256).digest()


def sign_pagerduty(body: bytes, _at: datetime, secret: str = SECRET) -> Headers:
    return {"X-PagerDuty-Signature": f"v1={_mac(secret, body).hex()}"}


def sign_sentry(body: bytes, _at: datetime, secret: str = SECRET) -> Headers:
    return {"Sentry-Hook-Signature": _mac(secret, body).hex()}


def sign_grafana(body: bytes, at: datetime, secret: str = SECRET) -> Headers:
    said = f"{at.timestamp():.0f}"
    return {
        "X-Grafana-Alerting-Signature": _mac(secret, said.encode() + b":" + body).hex(),
        "X-Grafana-Alerting-Signature-Timestamp": said,
    }


def sign_zendesk(body: bytes, at: datetime, secret: str = SECRET) -> Headers:
    said = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made = base64.b64encode(_mac(secret, said.encode() + body))
    return {
        "X-Zendesk-Webhook-Signature": made.decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": said,
    }


SIGNERS: dict[str, Sign] = {
    "grafana": sign_grafana,
    "pagerduty": sign_pagerduty,
    "sentry": sign_sentry,
    "zendesk": sign_zendesk,
}


def by_token(*tokens: str) -> Credentials:
    return Credentials(tuple(digest_of(one) for one in tokens or (TOKEN,)))


def by_secret(*secrets: str, key: str = WEBHOOK_KEY) -> Credentials:
    sealed = tuple(seal(one, key) for one in secrets or (SECRET,))
    return Credentials((digest_of(TOKEN),), sealed)


@dataclass
class Door:
    """One web process's endpoints; ``now`` is its clock of seconds."""

    app: FastAPI
    database: Databases
    scope: Scope
    amazon: Amazon
    clock: list[float] = field(default_factory=lambda: [0.0])

    async def add(
        self, source: str, held: Credentials | None = None, *, slug: str = "acme"
    ) -> None:
        new = NewEndpoint(source, slug, held or by_token())
        async with self.database(RELEASE).transaction(self.scope, Step.set_up) as tx:
            await endpoints.add(tx, new)

    async def remove(self, slug: str = "acme") -> None:
        async with self.database(RELEASE).dispatch(Step.set_up) as tx:
            await endpoints.remove(tx, await endpoints.get(tx, slug))

    async def rotate(self, newer: Credentials, slug: str = "acme") -> None:
        async with self.database(RELEASE).dispatch(Step.set_up) as tx:
            await endpoints.rotate(tx, await endpoints.get(tx, slug), newer)

    async def post(
        self,
        path: str,
        body: object,
        headers: Headers | Mapping[str, bytes] | None = None,
    ) -> httpx.Response:
        """Deliver at ``/webhooks/{path}``."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.send("POST", path, content, headers)

    async def send(
        self,
        method: str,
        path: str,
        content: bytes,
        headers: Headers | Mapping[str, bytes] | None = None,
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bot"
        ) as client:
            return await client.request(
                method,
                f"/webhooks/{path}",
                content=content,
                headers=[
                    (name.encode(), one if isinstance(one, bytes) else one.encode())
                    for name, one in (headers or {}).items()
                ],
            )

    async def rows(self, query: str) -> list[Row]:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            return await tx.rows(query)
