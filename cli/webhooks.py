"""``autopilot webhooks``: endpoints added, listed, rotated and removed by release."""

import argparse
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.alerts.sources import SOURCES
from bot.proofs import VERIFIERS
from bot.sealing import NotOpened, reseal, seal
from cli.clock import utc_now
from cli.connecting import CONNECT, Proof
from cli.migrate import ReleaseSettings
from policy.scope import Scope
from storage import endpoints, visits
from storage.database import Tx, connect
from storage.endpoints import Credentials, KnownEndpoint, NewEndpoint, digest_of
from storage.steps import Step
from storage.visits import Visit
from wire.keys import FernetKeys

_LEAST_SECRET = 8
_WITH_TOPICS = "cloudwatch"


class BadEndpoint(Exception):
    """What is asked for can't be, or needs something else; the message says what."""


class SealSettings(BaseSettings):
    """What seals vendors' secrets, and opens them for a test."""

    model_config = SettingsConfigDict(extra="ignore")

    webhook_key: FernetKeys | None = Field(default=None, alias="WEBHOOK_KEY")


async def add_webhook(chosen: argparse.Namespace) -> int:
    """Add an endpoint; print its URL, its token once, and what to set where."""
    source = chosen.source
    if source not in SOURCES:
        raise BadEndpoint(
            f"source {source} is unknown; use one of {', '.join(SOURCES)}"
        )
    if chosen.topic and source != _WITH_TOPICS:
        raise BadEndpoint(f"{source} has no topics; --topic is for {_WITH_TOPICS}")
    scope = Scope(chosen.tenant, chosen.environment)
    slug = chosen.slug or f"{scope.tenant_id}-{scope.environment}-{source}"[:63]
    token = ""
    if chosen.secret_from_stdin:
        held = Credentials(sealed_secrets=(_sealed_secret(source),))
    elif chosen.topic:
        held = Credentials(topics=tuple(dict.fromkeys(chosen.topic)))
    else:
        token = secrets.token_urlsafe(32)
        held = Credentials((digest_of(token),))
    async with _release() as tx:
        await tx.enter(scope)
        await endpoints.add(tx, NewEndpoint(source, slug, held))
    _say_added(source, slug, token)
    return 0


async def list_webhooks(chosen: argparse.Namespace) -> int:
    """Print a line an endpoint, with its last deliveries, and no secret of any."""
    async with _release() as tx:
        known = await endpoints.list_seen(tx, tenant_id=chosen.tenant)
        seen = await visits.list_seen(tx)
    facts = [_facts(one, seen.get(one.id, Visit())) for one in known]
    if chosen.json:
        print(json.dumps(facts, indent=2))
        return 0
    names = list(facts[0]) if facts else []
    rows = [names, *([str(one[name] or "") for name in names] for one in facts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows if facts else []:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    if not facts:
        print("no endpoint; `autopilot webhooks add` makes one")
    return 0


async def rotate_webhook(chosen: argparse.Namespace) -> int:
    """Let a second token or secret stand beside the first, or drop the first."""
    async with _release() as tx:
        endpoint = await endpoints.get(tx, chosen.slug)
        if chosen.finish:
            await endpoints.finish(tx, endpoint)
            print(f"{chosen.slug}: the newest alone is valid, within five seconds")
            return 0
        token, newer = _newer(chosen, endpoint)
        await endpoints.rotate(tx, endpoint, newer)
    if newer.topics:
        print(f"{chosen.slug}: {', '.join(newer.topics)} may be delivered as well")
        return 0
    if token:
        say_token(endpoint.source, endpoint.slug, token)
    print(
        "next      both are valid; when the sender has the new one: "
        f"`autopilot webhooks rotate {endpoint.slug} --finish`"
    )
    return 0


async def reseal_webhooks() -> int:
    """Seal every secret with the first WEBHOOK_KEY, or, if one opens none, nothing."""
    key = SealSettings().webhook_key
    if key is None:
        raise BadEndpoint(
            "set WEBHOOK_KEY to the new key and the old one, with a comma between them"
        )
    count = 0
    async with _release() as tx:
        known = await endpoints.lock_sealed(tx)
        for one in known:
            held = one.credentials.sealed_secrets
            sealed = _resealed(one, key)
            if sealed != held:
                await endpoints.replace_sealed(tx, one, sealed)
                count += 1
    print(f"{count} of {len(known)} endpoints with secrets sealed anew")
    print("next      give web, and whoever tests endpoints, the first key alone")
    return 0


def _resealed(endpoint: KnownEndpoint, key: str) -> tuple[str, ...]:
    try:
        return reseal(endpoint.credentials.sealed_secrets, key)
    except NotOpened as exc:
        raise BadEndpoint(
            f"{endpoint.slug}: {exc}; nothing was changed. Put the key that sealed it "
            "behind the others in WEBHOOK_KEY, or remove the endpoint"
        ) from exc


async def remove_webhook(chosen: argparse.Namespace) -> int:
    """Remove an endpoint; what it delivered stays."""
    async with _release() as tx:
        endpoint = await endpoints.get(tx, chosen.slug)
        await endpoints.remove(tx, endpoint)
    print(f"{chosen.slug}: removed; what still comes is refused, within five seconds")
    return 0


def _newer(
    chosen: argparse.Namespace, endpoint: KnownEndpoint
) -> tuple[str, Credentials]:
    """Give the token to show, if there is one, and what is to be kept."""
    held, slug = endpoint.credentials, endpoint.slug
    if chosen.topic:
        if not held.topics:
            raise BadEndpoint(
                f"{slug} has no topics: remove it, and add it with --topic"
            )
        return "", Credentials(topics=tuple(chosen.topic))
    if held.topics:
        raise BadEndpoint(f"{slug} is proven by its topics; --topic ARN adds one")
    if bool(held.sealed_secrets) != bool(chosen.secret_from_stdin):
        has = "a secret" if held.sealed_secrets else "a token"
        way = (
            "give the next with --secret-from-stdin"
            if held.sealed_secrets
            else ("for a secret remove it, and add it with --secret-from-stdin")
        )
        raise BadEndpoint(f"{slug} has {has}: {way}")
    if held.sealed_secrets:
        sealed = _sealed_secret(endpoint.source)
        return "", Credentials(sealed_secrets=(sealed,))
    token = secrets.token_urlsafe(32)
    return token, Credentials((digest_of(token),))


def _sealed_secret(source: str) -> str:
    if source not in VERIFIERS:
        raise BadEndpoint(
            f"{source} signs nothing with a secret (only {', '.join(VERIFIERS)} do); "
            "leave --secret-from-stdin out, and it gets a token"
        )
    key = SealSettings().webhook_key
    if key is None:
        raise BadEndpoint("set WEBHOOK_KEY, as for web: `autopilot keys new` makes one")
    secret = sys.stdin.readline().strip()
    if len(secret) < _LEAST_SECRET:
        raise BadEndpoint(
            "no secret came on standard input: one line, as the vendor shows it"
        )
    return seal(secret, key)


@asynccontextmanager
async def _release() -> AsyncIterator[Tx]:
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.dispatch(Step.set_up) as tx:
            yield tx
    finally:
        await database.close()


def _say_added(source: str, slug: str, token: str) -> None:
    if token:
        say_token(source, slug, token)
    else:
        print(f"endpoint  POST /webhooks/{source}/{slug}")
    print(f"connect   {CONNECT[source][1]}")
    print(f"try it    autopilot webhooks test {slug}")


def say_token(source: str, slug: str, token: str) -> None:
    """Print where to deliver, and the token, this once."""
    if CONNECT[source][0] in {Proof.path, Proof.topics}:
        print(f"endpoint  POST /webhooks/{source}/{slug}/{token}")
        print(f"token     {token}  (shown once; the URL has it, so keep it secret)")
        return
    print(f"endpoint  POST /webhooks/{source}/{slug}")
    print(f"token     {token}  (shown once; send it as Authorization: Bearer …)")


def _facts(one: KnownEndpoint, visit: Visit) -> dict[str, object]:
    since = f"{one.rotated_at:%Y-%m-%d}" if one.rotated_at else None
    refused = f"{_at(visit.refused_at)} {visit.refused_status}"
    return {
        "source": one.source,
        "slug": one.slug,
        "tenant": one.scope.tenant_id,
        "environment": one.scope.environment,
        "proof": _proof(one.credentials),
        "rotating_since": since,
        "last_taken": _at(visit.taken_at) or "never",
        "last_refused": refused if visit.refused_at else None,
    }


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}" if instant else ""


def _proof(held: Credentials) -> str:
    for count, word in (
        (len(held.sealed_secrets), "secret"),
        (len(held.topics), "topic"),
        (len(held.token_digests), "token"),
    ):
        if count:
            return f"{count} {word}{'s' if count > 1 else ''}"
    return "nothing: nobody gets in"
