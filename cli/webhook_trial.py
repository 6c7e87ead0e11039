"""``autopilot webhooks test``: a delivery as the vendor would send it, to the web."""

import argparse
import base64
import hmac
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import httpx
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.sealing import NotOpened, open_sealed
from cli.clock import utc_now
from cli.migrate import ReleaseSettings
from cli.webhook_samples import sample_of
from cli.webhooks import BadEndpoint, SealSettings
from storage import endpoints
from storage.database import connect
from storage.endpoints import KnownEndpoint
from storage.steps import Step

_TIMEOUT_SECONDS = 30
_MOST_SHOWN = 2000
_TAKEN = 300


class WhereSettings(BaseSettings):
    """Where the web process listens, if nobody says another URL."""

    model_config = SettingsConfigDict(extra="ignore")

    host: str = Field(default="127.0.0.1", alias="WEB_HOST")
    port: int = Field(default=8080, alias="WEB_PORT")


async def try_webhook(chosen: argparse.Namespace) -> int:
    """Send the source's test event, print the answer; 0 if it was taken."""
    endpoint = await _read(chosen.slug)
    now = utc_now()
    body = json.dumps(sample_of(endpoint.source, endpoint.slug, now)).encode()
    headers = _proof(endpoint, body, now, from_stdin=chosen.token_from_stdin)
    where = WhereSettings()
    url = (chosen.url or f"http://{where.host}:{where.port}").rstrip("/")
    path = f"/webhooks/{endpoint.source}/{endpoint.slug}"
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            answer = await client.post(
                url + path,
                content=body,
                headers={"Content-Type": "application/json", **headers},
            )
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise BadEndpoint(
            f"{url} did not answer ({type(exc).__name__}); does web run there? "
            "--url says another place"
        ) from exc
    print(f"POST {path}")
    print(f"{answer.status_code} {answer.text[:_MOST_SHOWN]}")
    return 0 if answer.status_code < _TAKEN else 1


async def _read(slug: str) -> KnownEndpoint:
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.dispatch(Step.look) as tx:
            return await endpoints.get(tx, slug)
    finally:
        await database.close()


def _proof(
    endpoint: KnownEndpoint, body: bytes, now: datetime, *, from_stdin: bool
) -> Mapping[str, str]:
    held = endpoint.credentials
    if held.topics:
        raise BadEndpoint(
            f"{endpoint.slug} takes what Amazon signs, and nobody else can: publish a "
            f"message to {held.topics[0]}"
        )
    if held.sealed_secrets:
        try:
            found = open_sealed(held.sealed_secrets, SealSettings().webhook_key)
        except NotOpened as exc:
            raise BadEndpoint(f"{endpoint.slug}: {exc}") from exc
        return sign(endpoint.source, body, found[-1], now)
    token = sys.stdin.readline().strip() if from_stdin else ""
    if not token:
        raise BadEndpoint(
            f"{endpoint.slug} has a token, of which a digest alone is kept: give it on "
            "standard input with --token-from-stdin"
        )
    return {"Authorization": f"Bearer {token}"}


def sign(source: str, body: bytes, secret: str, now: datetime) -> Mapping[str, str]:
    """Sign as the vendor does; the newest secret is the one to be tried."""
    unix, iso = f"{now.timestamp():.0f}", now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def mac(before: str = "") -> bytes:
        return hmac.new(secret.encode(), before.encode() + body, sha256).digest()

    match source:
        case "pagerduty":
            return {"X-PagerDuty-Signature": f"v1={mac().hex()}"}
        case "sentry":
            return {"Sentry-Hook-Signature": mac().hex()}
        case "grafana":
            return {
                "X-Grafana-Alerting-Signature": mac(f"{unix}:").hex(),
                "X-Grafana-Alerting-Signature-Timestamp": unix,
            }
        case "zendesk":
            return {
                "X-Zendesk-Webhook-Signature": base64.b64encode(mac(iso)).decode(),
                "X-Zendesk-Webhook-Signature-Timestamp": iso,
            }
    raise BadEndpoint(f"{source} signs nothing with a secret")
