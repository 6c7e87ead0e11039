"""
After a restore: a new epoch of the ledger, in which old transaction ids mean nothing.

A dump brings rows with the transaction ids of another cluster, which can lie ahead of
this one's for months: the sealer would wait for them. What the new epoch's default
does not cover has come with the dump, so it has committed, and is sealed as it stands.
"""

from collections.abc import Sequence
from uuid import UUID

from policy.scope import Scope
from storage.database import Tx
from storage.seals import read_reach

# Everybody but us: names are shown to every role, what they do is not.
_SESSIONS = """
    SELECT usename::text AS name FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND usename LIKE 'autopilot\\_%' ORDER BY 1
"""


async def list_sessions(tx: Tx) -> Sequence[str]:
    """Give the roles of ours that are connected to this database, beside our own."""
    return [row["name"] for row in await tx.rows(_SESSIONS)]


async def list_scopes(tx: Tx) -> Sequence[Scope]:
    """Give every environment, as the release role sees them."""
    rows = await tx.rows(
        "SELECT tenant_id, environment FROM tenants ORDER BY tenant_id, environment"
    )
    return [Scope(row["tenant_id"], row["environment"]) for row in rows]


async def list_grants(tx: Tx) -> Sequence[UUID]:
    """Give those that still hold here; no wall keeps the release role from others."""
    rows = await tx.rows(
        "SELECT id FROM autonomy_overrides WHERE tenant_id = :tenant"
        " AND environment = :environment AND withdrawn_at IS NULL"
        " AND expires_at > :now ORDER BY created_at, id",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "now": tx.now,
        },
    )
    return [row["id"] for row in rows]


async def begin_epoch(tx: Tx) -> int:
    """Begin the next epoch of the ledger; give its number."""
    epoch = (await read_reach(tx)).epoch + 1
    await tx.change(f"ALTER TABLE ledger ALTER COLUMN epoch SET DEFAULT {epoch:d}")
    return epoch


async def read_last_sealed(tx: Tx, tenant_id: str) -> int:
    """Give the last sequence of a tenant that came with the dump; 0 if none did."""
    row = await tx.row(
        "SELECT coalesce(max(seq), 0) AS seq FROM ledger_seals"
        " WHERE tenant_id = :tenant",
        {"tenant": tenant_id},
    )
    return row["seq"] if row else 0
