"""Tenants, endpoints and installs: what the release role sets up."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, select
from sqlalchemy.dialects.postgresql import insert

from policy.scope import Scope
from storage import endpoints, tables
from storage.database import Tx
from storage.endpoints import Credentials, NewEndpoint


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``token`` is kept as its SHA-256 alone."""

    source: str
    slug: str
    token: str


async def add_scope(tx: Tx, scope: Scope, *, name: str, frozen: bool) -> bool:
    """
    Make a tenant's environment with its freeze row; a repeat changes nothing.

    Gives whether the environment is frozen now.
    """
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
    row = await tx.row(
        select(tables.freezes.c.frozen).where(_in_scope(tables.freezes, tx))
    )
    return row is not None and bool(row["frozen"])


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
    """
    Add a webhook endpoint, or give the scope's existing one this source and token.

    Raises:
        SlugTaken: the slug is another scope's.
    """
    digest = endpoints.digest_of(endpoint.token)
    new = NewEndpoint(endpoint.source, endpoint.slug, Credentials((digest,)))
    await endpoints.put(tx, new)


def _in_scope(table: Table, tx: Tx) -> ColumnElement[bool]:
    """Name the scope: the release role's own policy shows it every row."""
    return and_(
        table.c.tenant_id == tx.here.tenant_id,
        table.c.environment == tx.here.environment,
    )
