"""Search in the ledger: by actor, tool, target, rule, time and text, newest first."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from storage.canonical import canonical
from storage.database import Tx
from storage.ledger import Entry
from storage.rows import into

_FIND = """
    SELECT l.* FROM find_entries(CAST(:wanted AS jsonb), :most) f
    JOIN ledger l ON l.tenant_id = f.tenant_id AND l.environment = f.environment
      AND l.id = f.id
    ORDER BY l.at DESC, l.id DESC
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What an entry must say; None asks for nothing.

    ``target`` is a value among a proposal's params, whole; ``text`` are words, all of
    which the entry has. ``before`` is the last entry of the page before.
    """

    actor: str | None = None
    event: str | None = None
    task: UUID | None = None
    tool: str | None = None
    target: str | None = None
    rule: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: UUID | None = None
    before_at: datetime | None = None


async def search(tx: Tx, wanted: Wanted, *, most: int) -> Sequence[Entry]:
    """Give a page of entries of the transaction's scope."""
    asked = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(wanted).items()
        if value is not None
    }
    rows = await tx.rows(_FIND, {"wanted": canonical(asked), "most": most})
    return [into(Entry, row) for row in rows]


async def find(tx: Tx, entry_id: UUID) -> Entry | None:
    """Give an entry of this scope."""
    row = await tx.row("SELECT * FROM ledger WHERE id = :id", {"id": entry_id})
    return into(Entry, row) if row else None
