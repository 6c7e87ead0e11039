"""``autopilot tenant add``, ``freeze`` and ``thaw``: under the release role."""

import argparse
import secrets

from bot.alerts.sources import SOURCES
from cli.clock import utc_now
from cli.migrate import ReleaseSettings
from policy.scope import Scope
from storage import setup
from storage.database import connect
from storage.errors import NotFound
from storage.setup import Endpoint
from storage.steps import Step


async def add_tenant(chosen: argparse.Namespace) -> int:
    """Add an environment with a workspace and an endpoint; print its token once."""
    if chosen.webhook not in SOURCES:
        raise NotFound(
            f"source {chosen.webhook} is unknown; use one of {', '.join(SOURCES)}"
        )
    scope = Scope(chosen.tenant, chosen.environment)
    slug = chosen.slug or f"{scope.tenant_id}-{scope.environment}"
    token = secrets.token_urlsafe(32)
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.dispatch(Step.set_up) as tx:
            frozen = await setup.add_scope(
                tx, scope, name=chosen.tenant, frozen=not chosen.thawed
            )
            await setup.add_team(tx, chosen.slack_team)
            await setup.add_endpoint(tx, Endpoint(chosen.webhook, slug, token))
    finally:
        await database.close()
    print(f"endpoint  POST /webhooks/{chosen.webhook}/{slug}")
    print(f"token     {token}  (shown once; send it as Authorization: Bearer …)")
    if frozen:
        print(
            f"frozen    no write runs until `autopilot thaw "
            f"{scope.tenant_id} --environment {scope.environment} --reason …`"
        )
    return 0


async def freeze_tenant(chosen: argparse.Namespace) -> int:
    """Freeze or thaw an environment: after the answer no new effect begins."""
    scope = Scope(chosen.tenant, chosen.environment)
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.transaction(scope, Step.set_up) as tx:
            await setup.set_freeze(
                tx, frozen=chosen.frozen, reason=chosen.reason, by="release"
            )
    finally:
        await database.close()
    word = "frozen" if chosen.frozen else "thawed"
    print(f"{scope.tenant_id} {scope.environment}: {word}, {chosen.reason}")
    return 0
