"""
Full text over our own rows: the ledger, and the tasks that were settled.

Words are compared as they stand, in any case and without a language's grammar: ids and
names matter as much as prose. Where pgvector is present, settled tasks are found by
likeness too, so that a word that is spelt otherwise finds them. Both searches look at
a bounded number of rows, the newest, and see no other scope than the transaction's. No
index can help: ``@@`` is not leakproof, so row-level security comes before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.database import Tx
from storage.likeness import features
from storage.rows import into

# The parser would take "task.approved" for a host and "a/b" for a path.
_SPLIT = "'./:\"{}[],', '         '"
MOST_ENTRIES = 20_000
_LEDGER = f"""
    SELECT task_id, event, actor, at, left(body, 500) AS body
      FROM (SELECT * FROM ledger WHERE at >= :since ORDER BY at DESC
            LIMIT {MOST_ENTRIES}) AS l
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
# The cosine from which two short texts have more in common than chance: unrelated ones
# measure below 0.2, a misspelt word of two above 0.4 (tests/storage/test_likeness.py).
_LEAST_LIKENESS = 0.3
_LIKE = """
    SELECT id, title, kind, service, state, headline, created_at, closed_at,
           ARRAY(SELECT p.tool || ': ' || p.state
                   FROM proposals AS p
                  WHERE p.task_id = settled.id
                  ORDER BY p.created_at, p.id) AS actions,
           likeness_to AS rank
      FROM (SELECT *, 1 - (CAST(likeness AS {schema}.vector)
                           OPERATOR({schema}.<=>)
                           CAST(CAST(:features AS real[]) AS {schema}.vector))
                      AS likeness_to
              FROM (SELECT * FROM tasks WHERE likeness IS NOT NULL
                     ORDER BY closed_at DESC LIMIT 5000) AS newest) AS settled
     WHERE likeness_to >= :least AND likeness_to < 'NaN'
     ORDER BY rank DESC, closed_at DESC
     LIMIT :most
"""


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


async def find_unread(
    tx: Tx, *, since: datetime, most: int = MOST_ENTRIES
) -> datetime | None:
    """Give the instant up to which ``search_ledger`` looks at nothing; None: all."""
    row = await tx.row(
        "SELECT at FROM ledger WHERE at >= :since ORDER BY at DESC"
        " OFFSET :most LIMIT 1",
        {"since": since, "most": most},
    )
    return row["at"] if row else None


async def search_tasks(tx: Tx, query: str, *, most: int) -> Sequence[FoundTask]:
    """
    Give the settled tasks that hold some of the words, the likest first.

    Those that are like them in spelling alone come after, where pgvector is present.
    """
    values: dict[str, object] = {"query": query, "most": most}
    found = [into(FoundTask, row) for row in await tx.rows(_TASKS, values)]
    wanted = features(query)
    schema = await _schema_of_vector(tx)
    if schema is None or len(found) >= most or not any(wanted):
        return found
    values |= {"features": wanted, "least": _LEAST_LIKENESS}
    rows = await tx.rows(_LIKE.replace("{schema}", schema), values)
    known = {one.id for one in found}
    alike = [into(FoundTask, row) for row in rows if row["id"] not in known]
    return [*found, *alike][:most]


async def _schema_of_vector(tx: Tx) -> str | None:
    """Give the quoted schema in which pgvector was created; None where it was not."""
    row = await tx.row(
        "SELECT quote_ident(n.nspname) AS name FROM pg_extension e"
        " JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'"
        " AND has_schema_privilege(n.oid, 'USAGE')"
    )
    return str(row["name"]) if row else None
