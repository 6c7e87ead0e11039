"""The few look-ups across scopes: functions that give ids and scope alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from policy.scope import Scope
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Due:
    """
    What is due: ``kind`` and the id of its row.

    Of a task: lease, backoff, quiet, opening, storm; of a proposal: expiry, reminder,
    page.
    """

    kind: str
    scope: Scope
    id: UUID


async def find_team(tx: Tx, team_id: str) -> Sequence[Scope]:
    """Give the scopes that a Slack workspace is installed for."""
    rows = await tx.rows("SELECT * FROM find_team(:team)", {"team": team_id})
    return [Scope(row["tenant_id"], row["environment"]) for row in rows]


async def find_scope(tx: Tx, kind: str, row_id: UUID) -> Scope | None:
    """Give the scope of a ``task`` or a ``proposal``."""
    row = await tx.row(
        "SELECT * FROM find_scope(:kind, :id)", {"kind": kind, "id": row_id}
    )
    return Scope(row["tenant_id"], row["environment"]) if row else None


async def list_scopes(tx: Tx) -> Sequence[Scope]:
    rows = await tx.rows("SELECT * FROM list_scopes()")
    return [Scope(row["tenant_id"], row["environment"]) for row in rows]


async def count_waiting(tx: Tx, *, seconds: int) -> list[str]:
    """Say what of this scope a worker should have taken up so long ago."""
    row = await tx.row(
        "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending'"
        " AND received_at < :then) AS clicks,"
        " (SELECT count(*) FROM tasks WHERE state = 'queued' AND created_at < :then"
        " AND lease_until IS NULL AND next_attempt_at IS NULL) AS tasks,"
        " (SELECT count(*) FROM tasks WHERE state IN ('running', 'executing')"
        " AND coalesce(greatest(lease_until, next_attempt_at), updated_at) < :then)"
        " AS left_behind,"
        " (SELECT count(*) FROM reversions WHERE next_try_at < :then"
        " AND state IN ('scheduled', 'running', 'applied')) AS reversions",
        {"then": tx.now - timedelta(seconds=seconds)},
    )
    counts = dict(row or {})
    return [
        f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count
    ]


async def find_reminders(tx: Tx, *, most: int) -> Sequence[Due]:
    """Give cards whose time is half over, undecided, of which nobody was reminded."""
    rows = await tx.rows("SELECT * FROM find_reminders(:most)", {"most": most})
    return [
        Due("reminder", Scope(row["tenant_id"], row["environment"]), row["id"])
        for row in rows
    ]


async def find_unanswered(tx: Tx, *, most: int) -> Sequence[Due]:
    """Give cards that nobody answers, or that Slack does not take, not paged yet."""
    rows = await tx.rows("SELECT * FROM find_unanswered(:most)", {"most": most})
    return [
        Due("page", Scope(row["tenant_id"], row["environment"]), row["id"])
        for row in rows
    ]


async def find_due(tx: Tx, *, most: int) -> Sequence[Due]:
    rows = await tx.rows("SELECT * FROM find_due(:most)", {"most": most})
    return [
        Due(row["kind"], Scope(row["tenant_id"], row["environment"]), row["id"])
        for row in rows
    ]
