"""Tenants, endpoints and installs: what the release role sets up."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.dialects.postgresql import insert

from policy.scope import Scope
from storage import tables
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``token`` is kept as its SHA-256 alone."""

    source: str
    slug: str
    token: str


async def add_scope(tx: Tx, scope: Scope, *, name: str, frozen: bool) -> None:
    """Make a tenant's environment with its freeze row; a repeat changes nothing."""
    await tx.enter(scope)
    here = {"tenant_id": scope.tenant_id, "environment": scope.environment}
    await tx.change(
        insert(tables.tenants)
        .values(**here, name=name, created_at=tx.now)
        .on_conflict_do_nothing()
    )
    await tx.change(
        insert(tables.freezes)
        .values(
            **here,
            frozen=frozen,
            reason="a new environment starts frozen" if frozen else "",
            by="setup",
        )
        .on_conflict_do_nothing()
    )


async def add_team(tx: Tx, team_id: str) -> None:
    """Connect a Slack workspace to the transaction's scope."""
    await tx.change(
        insert(tables.slack_teams)
        .values(
            tenant_id=tx.here.tenant_id,
            environment=tx.here.environment,
            team_id=team_id,
        )
        .on_conflict_do_nothing()
    )


async def add_endpoint(tx: Tx, endpoint: Endpoint) -> None:
    """Add a webhook endpoint, or give an existing one this token."""
    table = tables.webhook_endpoints
    digest = sha256(endpoint.token.encode()).hexdigest()
    new = insert(table).values(
        tenant_id=tx.here.tenant_id,
        environment=tx.here.environment,
        id=tx.new_id(),
        source=endpoint.source,
        slug=endpoint.slug,
        token_digests=[digest],
        created_at=tx.now,
    )
    await tx.change(
        new.on_conflict_do_update(
            index_elements=["slug"], set_={"token_digests": [digest]}
        )
    )


async def set_freeze(tx: Tx, *, frozen: bool, reason: str, by: str) -> None:
    """Freeze or thaw the scope; waits for writes that have begun their first step."""
    table = tables.freezes
    await tx.change(
        table.update().values(frozen=frozen, reason=reason, by=by, until=None)
    )
