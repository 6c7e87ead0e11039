"""The few look-ups across scopes: functions that give ids and scope alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from policy.scope import Scope
from storage.database import Tx

_CARDS = (
    "SELECT 'reminder' AS kind, * FROM find_reminders(:most)"
    " UNION ALL SELECT 'escalation', * FROM find_escalations(:most)"
    " UNION ALL SELECT 'page', * FROM find_unanswered(:most)"
    " UNION ALL SELECT 'page_over', * FROM find_pages_over(:most)"
)


@dataclass(frozen=True, slots=True)
class Due:
    """
    What is due: ``kind`` and the id of its row.

    Of a task: lease, backoff, quiet, opening, storm; of a proposal: expiry, reminder,
    escalation, page, page_over.
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


async def find_cards(tx: Tx, *, most: int) -> Sequence[Due]:
    """
    Give what time brings to cards.

    Those whose time is half over, undecided, of which nobody was reminded; those to
    address to the next roles; those that nobody answers, or that Slack does not take,
    not paged yet; and those that were decided though their page stands.
    """
    return await _find(tx, _CARDS, most)


async def find_due(tx: Tx, *, most: int) -> Sequence[Due]:
    return await _find(tx, "SELECT * FROM find_due(:most)", most)


async def _find(tx: Tx, asked: str, most: int) -> Sequence[Due]:
    return [
        Due(row["kind"], Scope(row["tenant_id"], row["environment"]), row["id"])
        for row in await tx.rows(asked, {"most": most})
    ]
