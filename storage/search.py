"""
Full text over our own rows: the ledger, and the tasks that were settled.

Words are compared as they stand, in any case and without a language's grammar: ids and
names matter as much as prose. Both searches look at a bounded number of rows, the
newest, and see no other scope than the transaction's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.database import Tx
from storage.rows import into

# The parser would take "task.approved" for a host and "a/b" for a path.
_SPLIT = "'./:\"{}[],', '         '"
_LEDGER = f"""
    SELECT task_id, event, actor, at, left(body, 500) AS body
      FROM (SELECT * FROM ledger WHERE at >= :since ORDER BY at DESC LIMIT 20000) AS l
     WHERE to_tsvector('simple', translate(concat_ws(' ', event, actor, task_id, body),
                                           {_SPLIT}))
           @@ plainto_tsquery('simple', translate(:query, {_SPLIT}))
     ORDER BY at DESC, task_seq DESC
     LIMIT :most
"""  # noqa: S608 - one constant of ours
_TASKS = f"""
    WITH wanted AS (
        SELECT CAST(replace(CAST(
                   plainto_tsquery('simple', translate(:query, {_SPLIT})) AS text),
                   '&', '|') AS tsquery) AS words
    ), settled AS (
        SELECT *, to_tsvector('simple', translate(
                   concat_ws(' ', title, headline, service, kind), {_SPLIT})) AS said
          FROM tasks
         WHERE closed_at IS NOT NULL
         ORDER BY closed_at DESC
         LIMIT 5000
    )
    SELECT id, title, kind, service, state, headline, created_at, closed_at,
           ARRAY(SELECT p.tool || ': ' || p.state
                   FROM proposals AS p
                  WHERE p.task_id = settled.id
                  ORDER BY p.created_at, p.id) AS actions,
           ts_rank(said, words) AS rank
      FROM settled, wanted
     WHERE said @@ words
     ORDER BY rank DESC, closed_at DESC
     LIMIT :most
"""  # noqa: S608 - one constant of ours


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A ledger entry; ``body`` is the beginning of its JSON text."""

    task_id: UUID | None
    event: str
    actor: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A settled task; ``actions`` are ``tool: state``, ``rank`` orders this search."""

    id: UUID
    title: str
    kind: str
    service: str | None
    state: str
    headline: str
    created_at: datetime
    closed_at: datetime
    actions: tuple[str, ...]
    rank: float


async def search_ledger(
    tx: Tx, query: str, *, since: datetime, most: int
) -> Sequence[FoundEntry]:
    """Give the entries that hold every word, newest first."""
    values = {"query": query, "since": since, "most": most}
    return [into(FoundEntry, row) for row in await tx.rows(_LEDGER, values)]


async def search_tasks(tx: Tx, query: str, *, most: int) -> Sequence[FoundTask]:
    """Give the settled tasks that hold some of the words, the likest first."""
    values = {"query": query, "most": most}
    return [into(FoundTask, row) for row in await tx.rows(_TASKS, values)]
