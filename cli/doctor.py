"""``autopilot doctor``: one line for each thing that processes need, with its mend."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aiohttp import ClientError
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import WebSettings
from cli.clock import utc_now
from cli.errors import said_errors, say
from cli.finding import Finding
from cli.ledger_check import check_ledger
from cli.model_check import check_model
from cli.places_check import check_places
from cli.policy_check import load_texts
from cli.processes import ROOT
from cli.scopes_check import judge_scopes
from cli.webhooks_check import check_webhooks
from gateway.probing import probe
from gateway.settings import FileSettings, GatewaySettings, connector_secrets
from gateway.tokens import BadKey, BadToken, RunClaims, Signer, Verifier
from orchestrator.launch import HostOptions, Sandboxes, SandboxHostGone
from orchestrator.settings import WorkerSettings
from policy.scope import Scope
from storage import directory, inbox
from storage.database import Database, connect
from storage.diagnosis import read_server
from storage.errors import BadDatabaseUrl, StorageError
from storage.grants import ROLES
from storage.identifiers import uuid7
from storage.steps import Step

_MOST_SKEW_SECONDS = 5.0
_SHOWN_BROKEN = 3
_WAITS_SECONDS = 300
_MOST_CHARACTERS = 240


Check = Callable[[], Awaitable[list[Finding]]]


async def run_doctor(*, as_json: bool, check_sandbox: Check | None = None) -> int:
    """
    Print a line for each check; exit 1 if one failed.

    ``check_sandbox`` stands in for the one check that starts a process: a second.
    """
    checks: tuple[tuple[str, Check], ...] = (
        ("policy", _check_policy),
        ("tokens", _check_tokens),
        ("slack", _check_slack),
        ("databases", _check_databases),
        ("redis", _check_redis),
        ("ledger", check_ledger),
        ("sandbox", check_sandbox or _check_sandbox),
        ("connectors", _check_connectors),
        ("places", check_places),
        ("models", check_model),
        ("deliveries", _check_deliveries),
        ("waiting", _check_waiting),
        ("webhooks", check_webhooks),
    )
    found: list[Finding] = []
    for name, check in checks:
        try:
            found += await check()
        except ValidationError as exc:
            found.append(Finding(name, ok=False, text="not configured", mend=say(exc)))
        except said_errors() as exc:
            found.append(Finding(name, ok=False, text=say(exc)))
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        _print(found)
    return 1 if any(one.ok is False for one in found) else 0


def _print(found: list[Finding]) -> None:
    width = max(len(one.check) for one in found)
    colour = sys.stdout.isatty()
    for one in found:
        mark, code = {True: ("✓", 32), False: ("✗", 31), None: ("•", 33)}[one.ok]
        shown = f"\x1b[{code}m{mark}\x1b[0m" if colour else mark
        mend = f"  → {one.mend}" if one.mend and one.ok is not True else ""
        print(f"{shown} {one.check:{width}}  {one.text}{mend}")


async def _check_policy() -> list[Finding]:
    texts = load_texts(FileSettings())
    counts = f"{len(texts.routes.routes)} routes, {len(texts.agents)} agents"
    return [
        Finding("policy", ok=True, text=f"bundle {texts.policy.bundle_hash[:12]}"),
        Finding("routes", ok=True, text=counts),
    ]


async def _check_tokens() -> list[Finding]:
    """Sign with the worker's key and verify with the gateway's."""
    private_key = WorkerSettings().token_private_key
    public_key = GatewaySettings().token_public_key
    try:
        signer, verifier = Signer(private_key), Verifier(public_key)
    except BadKey as exc:
        return [Finding("tokens", ok=False, text=str(exc))]
    now = utc_now()
    claims = RunClaims(
        Scope("doctor", "none"), uuid7(now), uuid7(now), 0, "doctor", 1, (), "none"
    )
    try:
        verifier.verify_run(signer.sign_run(claims, now=now, seconds=60))
    except BadToken as exc:
        mend = "the two keys are no pair: `autopilot keys new` makes one"
        return [Finding("tokens", ok=False, text=str(exc), mend=mend)]
    return [Finding("tokens", ok=True, text="worker's and gateway's keys are a pair")]


async def _check_slack() -> list[Finding]:
    settings = WebSettings()
    client = AsyncWebClient(
        token=settings.slack_bot_token, base_url=settings.slack_api_url, timeout=10
    )
    asked_at = utc_now()
    try:
        answer = await client.auth_test()
    except (SlackClientError, ClientError, OSError, ValueError) as exc:
        mend = "check SLACK_BOT_TOKEN, and that SLACK_API_URL can be reached"
        return [Finding("slack", ok=False, text=_brief(exc), mend=mend)]
    headers = {key.lower(): value for key, value in answer.headers.items()}
    granted = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")}
    return [
        Finding("slack", ok=True, text=f"{answer.get('team')} as {answer.get('user')}"),
        judge_scopes(granted - {""}),
        _skew("slack clock", headers.get("date"), asked_at),
    ]


def _skew(name: str, date: str | None, asked_at: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return Finding(name, ok=None, text="the answer had no date")
    return _judge_skew(name, theirs.replace(tzinfo=theirs.tzinfo or UTC), asked_at)


def _judge_skew(name: str, theirs: datetime, asked_at: datetime) -> Finding:
    """Judge an instant that was given between ``asked_at`` and now, however slowly."""
    early, late = asked_at - theirs, theirs - utc_now()
    skew = max(0.0, early.total_seconds(), late.total_seconds())
    return Finding(
        name,
        ok=skew <= _MOST_SKEW_SECONDS,
        text=f"differs by {skew:.1f} s",
        mend="signatures and tokens need a right clock: run an NTP client",
    )


async def _check_databases() -> list[Finding]:
    found = [await _check_database(role) for role in ROLES]
    return [one for rows in found for one in rows]


async def _check_database(role: str) -> list[Finding]:
    name = f"DATABASE_URL_{role.upper()}"
    url = os.environ.get(name)  # noqa: TID251 - one row each, whichever are set
    if not url:
        return [Finding(f"db {role}", ok=False, text="not set", mend=f"set {name}")]
    try:
        database = connect(url, utc_now, pool_size=1)
    except BadDatabaseUrl:
        mend = "expected postgresql://role:password@host/db"
        text = f"{name} names no Postgres"
        return [Finding(f"db {role}", ok=False, text=text, mend=mend)]
    asked_at = utc_now()
    try:
        async with database.dispatch(Step.look) as tx:
            server = await read_server(tx, f"autopilot_{role}")
    except StorageError as exc:
        return [Finding(f"db {role}", ok=False, text=str(exc))]
    finally:
        await database.close()
    if server.bypasses_rls:
        text = f"{server.user} bypasses row-level security"
        mend = "use a role that is neither SUPERUSER nor BYPASSRLS"
        return [Finding(f"db {role}", ok=False, text=text, mend=mend)]
    rows = [
        Finding(
            f"db {role}",
            ok=server.is_member,
            text=f"{server.user}, Postgres {server.version}",
            mend=f"GRANT autopilot_{role} TO {server.user}",
        )
    ]
    if role == "worker":
        rows.append(_judge_skew("db clock", server.now, asked_at))
    return rows


async def _check_redis() -> list[Finding]:
    url = WorkerSettings().redis_url
    try:
        client = Redis.from_url(url, socket_connect_timeout=3)
    except ValueError as exc:
        mend = "expected redis://, rediss:// or unix://"
        return [Finding("redis", ok=False, text=_brief(exc), mend=mend)]
    try:
        await client.ping()
    except (RedisError, OSError) as exc:
        mend = "timers fall back to the sweep until it is back; check REDIS_URL"
        return [Finding("redis", ok=False, text=_brief(exc), mend=mend)]
    finally:
        await client.aclose()
    return [Finding("redis", ok=True, text="answers")]


async def _check_sandbox() -> list[Finding]:
    """Test what the worker would take; without its settings, the best there is."""
    wanted = os.environ.get("SANDBOX", "auto")  # noqa: TID251 - needs nothing else set
    script = ROOT / "runner" / "zygote.py"
    sandboxes = Sandboxes(
        HostOptions(script=script, python=sys.executable, provider=wanted)
    )
    try:
        tested = await sandboxes.start()
    except (SandboxHostGone, TimeoutError) as exc:
        mend = "its own last words are on standard error"
        return [Finding("sandbox", ok=False, text=_brief(exc), mend=mend)]
    finally:
        await sandboxes.stop()
    if tested.provider == "none" or not tested.passed:
        mend = "install bubblewrap, or allow unprivileged user namespaces"
        why = "; ".join(f"{name}: {text}" for name, text in tested.rejected.items())
        text = f"none: writes stay drafts outside the lab ({why})"
        return [Finding("sandbox", ok=False, text=text, mend=mend)]
    text = f"{tested.provider}, {len(tested.probes)} escape probes failed to get out"
    return [Finding("sandbox", ok=True, text=text)]


async def _check_connectors() -> list[Finding]:
    """Reach every system that the gateway would, from here."""
    found = await probe(
        GatewaySettings(),
        connector_secrets(os.environ),  # noqa: TID251 - any name may be a credential's
    )
    away = [
        f"{one.name} ({one.url}): {one.error}" for one in found.systems if one.error
    ]
    if away:
        mend = "check its url, and that the gateway's host may reach it"
        return [Finding("connectors", ok=False, text="; ".join(away), mend=mend)]
    names = ", ".join(one.name for one in found.systems) or "no system is configured"
    text = f"reached: {names}"
    if found.unserved:
        text += f"; nobody serves {', '.join(found.unserved)}"
    return [Finding("connectors", ok=True, text=text)]


async def _check_deliveries() -> list[Finding]:
    """Show deliveries that could not be understood, newest first."""
    database = connect(WorkerSettings().database_url, utc_now, pool_size=1)
    try:
        rows = await _broken(database)
    finally:
        await database.close()
    if not rows:
        return [Finding("deliveries", ok=True, text="all were understood")]
    text = f"{len(rows)} not understood; " + "; ".join(rows[:_SHOWN_BROKEN])
    return [Finding("deliveries", ok=None, text=text, mend="mend the sender")]


async def _check_waiting() -> list[Finding]:
    """Name the environments in which nobody takes what is due: no worker is theirs."""
    database = connect(WorkerSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.dispatch(Step.look) as tx:
            scopes = await directory.list_scopes(tx)
        waiting: list[str] = []
        for scope in scopes:
            async with database.transaction(scope, Step.look) as tx:
                found = await directory.count_waiting(tx, seconds=_WAITS_SECONDS)
            if found:
                name = f"{scope.tenant_id} {scope.environment}"
                waiting.append(f"{name}: {', '.join(found)}")
    finally:
        await database.close()
    if not waiting:
        return [Finding("waiting", ok=True, text="nothing waits for a worker")]
    mend = "run a gateway and a worker with that GATEWAY_ENVIRONMENT"
    return [Finding("waiting", ok=False, text="; ".join(waiting), mend=mend)]


async def _broken(database: Database) -> list[str]:
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.list_scopes(tx)
    found: list[str] = []
    for scope in scopes:
        async with database.transaction(scope, Step.look) as tx:
            found += [
                f"{one.received_at:%Y-%m-%d %H:%M} {one.source}: {one.error}"
                for one in await inbox.list_broken(tx)
            ]
    return found


def _brief(exc: BaseException) -> str:
    """Give one line: Slack's reason stands in its error's second one."""
    return f"{type(exc).__name__}: {' '.join(str(exc).split())[:_MOST_CHARACTERS]}"
