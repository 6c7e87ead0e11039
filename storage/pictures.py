"""
Pictures on their way to Slack: a copy apart from the evidence, which no courier reads.

``file_id`` is Slack's, once it has the picture; then the copy's bytes are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from storage import tables
from storage.database import Row, Tx
from storage.rows import add_new, by_id, into
from storage.tool_calls import Drawing


@dataclass(frozen=True, slots=True)
class Picture:
    """``id`` is the evidence's; ``png`` None once Slack has it."""

    id: UUID
    png: bytes | None
    alt: str
    file_id: str | None


async def copy_of_task(tx: Tx, task_id: UUID, *, most: int) -> Sequence[Picture]:
    """Copy the first pictures of a task's evidence, once each; give them."""
    await tx.change(
        "INSERT INTO pictures (tenant_id, environment, id, task_id, png, alt)"
        " SELECT tenant_id, environment, id, task_id, picture,"
        " coalesce(picture_alt, '') FROM evidence"
        " WHERE task_id = :task AND picture IS NOT NULL"
        " ORDER BY created_at, id LIMIT :most ON CONFLICT DO NOTHING",
        {"task": task_id, "most": most},
    )
    rows = await tx.rows(
        "SELECT * FROM pictures WHERE task_id = :task ORDER BY id", {"task": task_id}
    )
    return [_picture(row) for row in rows[:most]]


async def add(tx: Tx, picture_id: UUID, task_id: UUID, drawing: Drawing) -> bool:
    """Add one that is no evidence; False if it is there."""
    values = {"id": picture_id, "task_id": task_id, "png": drawing.png}
    return await add_new(tx, tables.pictures, {**values, "alt": drawing.alt})


async def get(tx: Tx, picture_id: UUID) -> Picture:
    row = await by_id(tx, tables.pictures, picture_id)
    if row is None:
        raise LookupError(f"picture {picture_id}: not in this scope")
    return _picture(row)


async def keep_file(tx: Tx, picture_id: UUID, file_id: str) -> None:
    """Note what Slack calls it; a second upload of it changes nothing."""
    await tx.change(
        "UPDATE pictures SET file_id = :file, png = NULL WHERE id = :id"
        " AND file_id IS NULL",
        {"id": picture_id, "file": file_id},
    )


def _picture(row: Row) -> Picture:
    png = row["png"]
    return into(Picture, {**row, "png": None if png is None else bytes(png)})
