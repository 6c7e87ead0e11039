"""What is open, as people list it: all of it, theirs, or what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from policy.person import Person
from storage.database import Tx
from storage.proposals import MAY_DECIDE, PENDING, decider
from storage.rows import into
from storage.tasks import Task

_LIST = f"""
    SELECT * FROM tasks WHERE closed_at IS NULL
    AND kind = coalesce(CAST(:kind AS text), kind)
    AND (CAST(:owner AS text) IS NULL OR takeover_by = :owner)
    AND (NOT :waiting OR EXISTS (
        SELECT 1 FROM proposals p
        WHERE p.task_id = tasks.id AND {PENDING} AND {MAY_DECIDE}
    ))
    ORDER BY opens_at IS NOT NULL, severity_rank, created_at, id LIMIT :most
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    Which of them; None is no condition.

    Of a kind, of an owner, with a card that ``decider`` may still decide on.
    """

    kind: str | None = None
    owner: str | None = None
    decider: Person | None = None


async def list_open(tx: Tx, wanted: Wanted, *, most: int = 10) -> Sequence[Task]:
    """Give the most severe first; what waits for its opening last."""
    rows = await tx.rows(
        _LIST,
        {
            "kind": wanted.kind,
            "owner": wanted.owner,
            "waiting": wanted.decider is not None,
            **decider(wanted.decider),
            "most": most,
        },
    )
    return [into(Task, row) for row in rows]


def order(task: Task) -> tuple[bool, int, float, str]:
    """Give what a list over several environments is sorted by, as each of them is."""
    is_hidden, at = task.opens_at is not None, task.created_at.timestamp()
    return is_hidden, task.severity.rank, at, str(task.id)
