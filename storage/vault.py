"""What stands behind placeholders; the gateway's role alone reads it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from storage import tables
from storage.database import Tx
from storage.rows import add

_FORGET = """
    UPDATE vault AS v SET ciphertext = ''
      FROM tasks AS t
     WHERE v.ciphertext <> '' AND t.tenant_id = v.tenant_id
       AND t.environment = v.environment AND t.id = v.task_id AND t.closed_at < :before
       AND NOT EXISTS (SELECT 1 FROM reversions AS r
                        WHERE r.task_id = v.task_id
                          AND r.state IN ('scheduled', 'running', 'applied'))
"""


@dataclass(frozen=True, slots=True)
class Secret:
    """``ciphertext`` is the value, encrypted under the gateway's key."""

    placeholder: str
    kind: str
    fingerprint: str
    ciphertext: bytes


async def list_known(tx: Tx, task_id: UUID) -> Mapping[str, str]:
    """Give the task's placeholders by fingerprint."""
    table = tables.vault
    rows = await tx.rows(
        select(table.c.fingerprint, table.c.placeholder).where(
            table.c.task_id == task_id
        )
    )
    return {row["fingerprint"]: row["placeholder"] for row in rows}


async def forget(tx: Tx, *, closed_before: datetime) -> int:
    """
    Delete the values of tasks that were closed; give how many.

    Their placeholders stay, so that none ever stands for somebody else.
    """
    return await tx.change(_FORGET, {"before": closed_before})


async def list_sealed(
    tx: Tx,
    task_id: UUID,
    *,
    placeholders: Collection[str] = (),
    kinds: Collection[str] = (),
) -> Mapping[str, bytes]:
    """Give what stands, encrypted, behind placeholders: named ones, or all of kinds."""
    table = tables.vault
    rows = await tx.rows(
        select(table.c.placeholder, table.c.ciphertext).where(
            table.c.task_id == task_id,
            table.c.ciphertext != b"",
            or_(
                table.c.placeholder.in_(list(placeholders)),
                table.c.kind.in_(list(kinds)),
            ),
        )
    )
    return {row["placeholder"]: bytes(row["ciphertext"]) for row in rows}


async def keep(tx: Tx, task_id: UUID, secret: Secret) -> None:
    await add(
        tx,
        tables.vault,
        {**asdict(secret), "task_id": task_id, "created_at": tx.now},
    )
