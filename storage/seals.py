"""The order of the ledger: a gap-free sequence for each tenant, chained by hashes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from audit.record import GENESIS, chain
from storage import tables
from storage.database import Tx
from storage.ledger import Entry
from storage.rows import into

# Asked row by row, by an index of its own: a join is planned by statistics, which a
# young ledger has not, and then it compares each entry with each seal; and behind
# row-level security an index that begins with the scope looks dear.
_SEAL = "SELECT s.seq FROM ledger_seals s WHERE s.ledger_id = l.id"
# The first to get a transaction id may be the second to get a task's row; so an entry
# takes its turn no sooner than the entries of its task before it.
_UNSEALED = f"""
    SELECT l.*, max(l.xid::text::bigint) OVER (
      PARTITION BY l.epoch, coalesce(l.task_id, l.id) ORDER BY l.task_seq) AS turn
    FROM ledger l
    WHERE l.xid >= CAST(CAST(:since AS text) AS xid8)
      AND (l.epoch < :epoch OR l.xid < CAST(CAST(:below AS text) AS xid8))
      AND ({_SEAL}) IS NULL
    ORDER BY l.epoch, turn, l.task_id, l.task_seq, l.at, l.id LIMIT :most
"""  # noqa: S608 - a constant
# A pass that knows of no earlier one looks at the whole ledger.
_PATIENT = "SET LOCAL statement_timeout = '10min'"
_COUNT = f"""
    SELECT count(*) AS n, min(l.at) AS since FROM ledger l
    WHERE l.xid >= CAST(CAST(:since AS text) AS xid8) AND ({_SEAL}) IS NULL
"""  # noqa: S608 - a constant
# What an epoch's rows get is the column's default; `db after-restore` raises it.
_REACH = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS below,
      (SELECT pg_get_expr(d.adbin, d.adrelid)::integer FROM pg_attrdef d
       JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
       WHERE d.adrelid = 'ledger'::regclass AND a.attname = 'epoch') AS epoch
"""
_JOINED = """
    SELECT s.seq, s.leaf, s.previous, s.hash, s.sealed_at, l.id, l.tenant_id,
      l.environment, l.task_id, l.task_seq, l.event, l.actor, l.at, l.body
    FROM ledger_seals s JOIN ledger l ON l.tenant_id = s.tenant_id
      AND l.environment = s.environment AND l.id = s.ledger_id
"""
_SEALED = f"{_JOINED} WHERE s.seq > :after ORDER BY s.seq LIMIT :most"
_FIND = f"{_JOINED} WHERE s.ledger_id = :id"
_FIRST = f"{_JOINED} WHERE l.at >= :since ORDER BY s.seq LIMIT 1"


@dataclass(frozen=True, slots=True)
class Seal:
    """``hash`` is the link of ``audit.record.chain``."""

    seq: int
    leaf: bytes
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class SealedEntry:
    seal: Seal
    entry: Entry


@dataclass(frozen=True, slots=True)
class Reach:
    """
    How far sealing goes: transaction ids from ``since`` to below ``below``.

    Rows of an earlier epoch came with a restore; their ids mean nothing here, and they
    have all committed.
    """

    below: int
    epoch: int
    since: int = 0


async def read_reach(tx: Tx, *, since: int = 0) -> Reach:
    """
    Give what has committed for good, of what has not been sealed by then.

    ``since`` is ``below`` of a reach that was sealed to its end, 0 if none was. Ids
    that went back are another cluster's.
    """
    row = await tx.row(_REACH)
    if row is None:
        raise LookupError("the ledger has no epoch; run `autopilot db upgrade`")
    below = row["below"]
    return Reach(below, row["epoch"], since if since <= below else 0)


async def lock_tenant(tx: Tx, tenant_id: str) -> bool:
    """Be the one sealer of this tenant until the transaction ends."""
    row = await tx.row(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 1)) AS held",
        {"key": f"seal/{tenant_id}"},
    )
    return bool(row and row["held"])


async def seal_batch(
    tx: Tx, tenant_id: str, *, most: int, reach: Reach | None = None
) -> int:
    """
    Seal what is in reach, in transaction order; give how many.

    Where transactions overlapped, a task's own order goes before theirs.

    Only rows below the oldest transaction still running are in reach, so that no late
    commit is skipped.
    """
    within = reach or await read_reach(tx)
    if within.since == 0:
        await tx.change(_PATIENT)
    rows_found = await tx.rows(_UNSEALED, {"most": most, **asdict(within)})
    entries = [into(Entry, row) for row in rows_found]
    if not entries:
        return 0
    last = await tx.row("SELECT seq, hash FROM ledger_seals ORDER BY seq DESC LIMIT 1")
    seq, previous = (last["seq"], bytes(last["hash"])) if last else (0, GENESIS)
    rows: list[dict[str, object]] = []
    for entry in entries:
        seq += 1
        leaf = entry.leaf()
        sealed = chain(previous, seq, leaf)
        rows.append(
            {
                "tenant_id": tenant_id,
                "environment": entry.environment,
                "seq": seq,
                "ledger_id": entry.id,
                "leaf": leaf,
                "previous": previous,
                "hash": sealed,
                "sealed_at": tx.now,
            }
        )
        previous = sealed
    await tx.change(insert(tables.ledger_seals), rows)
    return len(rows)


async def list_sealed(tx: Tx, *, after: int, most: int) -> Sequence[SealedEntry]:
    rows = await tx.rows(_SEALED, {"after": after, "most": most})
    return [SealedEntry(into(Seal, row), into(Entry, row)) for row in rows]


async def find_first_seq(tx: Tx, since: datetime) -> int | None:
    """Give the first sequence of an entry made then or later; None if there is none."""
    row = await tx.row(_FIRST, {"since": since})
    return row["seq"] if row else None


async def find_sealed(tx: Tx, entry_id: UUID) -> SealedEntry | None:
    """Give an entry with its seal; None if it has none, or is not in this scope."""
    row = await tx.row(_FIND, {"id": entry_id})
    return SealedEntry(into(Seal, row), into(Entry, row)) if row else None


async def read_last(tx: Tx) -> int:
    """Give the last sequence that has a seal; 0 if none has."""
    row = await tx.row("SELECT coalesce(max(seq), 0) AS seq FROM ledger_seals")
    return row["seq"] if row else 0


async def count_unsealed(tx: Tx, *, since: int = 0) -> tuple[int, datetime | None]:
    """
    Give how many entries wait to be sealed, and since when.

    ``since`` is what a reach was sealed to: nothing older waits.
    """
    row = await tx.row(_COUNT, {"since": since})
    return (row["n"], row["since"]) if row else (0, None)


async def count_waiting(tx: Tx) -> int:
    """Give how many entries have no seal yet, by counting both."""
    row = await tx.row(
        "SELECT (SELECT count(*) FROM ledger) - (SELECT count(*) FROM ledger_seals)"
        " AS n"
    )
    return row["n"] if row else 0


async def read_cursor(tx: Tx, bus: str) -> int:
    """Give the last sequence that was relayed to this bus from this scope."""
    row = await tx.row("SELECT seq FROM relays WHERE bus = :bus", {"bus": bus})
    return row["seq"] if row else 0


async def keep_cursor(tx: Tx, bus: str, seq: int) -> None:
    await tx.change(
        "INSERT INTO relays (tenant_id, environment, bus, seq) VALUES (:tenant,"
        " :environment, :bus, :seq) ON CONFLICT (tenant_id, environment, bus)"
        " DO UPDATE SET seq = excluded.seq WHERE relays.seq < excluded.seq",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "bus": bus,
            "seq": seq,
        },
    )
