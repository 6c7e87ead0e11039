"""``autopilot tenant add``, ``freeze`` and ``thaw``: under the release role."""

import argparse
import secrets

from bot.alerts.sources import SOURCES
from cli.clock import utc_now
from cli.migrate import ReleaseSettings
from cli.webhooks import say_token
from gateway.tools.catalog import all_tools
from orchestrator import freezing
from orchestrator.freezing import freezable, make_wish
from policy.scope import Scope
from storage import setup
from storage.database import connect
from storage.errors import NotFound
from storage.freezes import EVERYTHING
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
    say_token(chosen.webhook, slug, token)
    if frozen:
        print(
            f"frozen    no write runs until `autopilot thaw "
            f"{scope.tenant_id} --environment {scope.environment} --reason …`"
        )
    return 0


async def freeze_tenant(chosen: argparse.Namespace) -> int:
    """Freeze or thaw an environment: after the answer no new effect begins."""
    scope = Scope(chosen.tenant, chosen.environment)
    wish = make_wish(
        chosen.scope or EVERYTHING,
        chosen.reason,
        chosen.lasts or "",
        undo_too=chosen.all,
        names=freezable(all_tools().specs),
    )
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        if chosen.frozen:
            said = await freezing.freeze(database, scope, wish, by="release")
        else:
            left = await freezing.thaw(database, scope, wish, by="release")
            said = freezing.say_thawed(scope, left)
    finally:
        await database.close()
    print(said)
    return 0
