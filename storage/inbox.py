"""
What came in, at most once: webhook deliveries and people's clicks.

A row with a delivery id that is there already is not stored again. Clicks wait as
``pending`` until a worker has settled them; deliveries are stored as ``done``. What a
web process answers by itself is ``begun`` under a lease until it was answered.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import literal_column, select

from policy.scope import Scope
from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.rows import add_new, by_id, into

# A click is named by a SHA-256, followed by its target where it has several.
_HASH_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that came in; ``faults`` are the tries that a fault of ours ended."""

    id: UUID
    source: str
    delivery_id: str
    kind: str
    payload: Mapping[str, object]
    state: str
    error: str | None
    attempts: int
    faults: int
    received_at: datetime

    @property
    def click(self) -> str:
        """Name the click; those that it made for several targets share the name."""
        head, _, _ = self.delivery_id.partition(":")
        name = head if len(head) == _HASH_DIGITS else self.delivery_id
        return f"{self.source}:{name}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    What a sender delivered; ``delivery_id`` is the sender's, or made of its facts.

    ``state`` is ``pending`` (a click to settle), ``done``, or ``failed`` with
    ``error``.
    """

    source: str
    delivery_id: str
    kind: str
    payload: Mapping[str, object]
    state: str = "pending"
    error: str | None = None


class Begun(StrEnum):
    """How a delivery that is answered at once stands: ``again`` is left half-done."""

    new = "new"
    again = "again"
    busy = "busy"
    done = "done"


_BEGUN = "begun"


async def receive(tx: Tx, delivery: Delivery) -> UUID | None:
    """Store a delivery; None if this delivery id came before."""
    receipt_id = tx.new_id()
    stored = await add_new(
        tx,
        tables.inbox,
        {
            **asdict(delivery),
            "id": receipt_id,
            "payload": plain(delivery.payload),
            "received_at": tx.now,
        },
    )
    return receipt_id if stored else None


async def find_said(tx: Tx, delivery: Delivery) -> str | None:
    """Give what was answered to a delivery that came before."""
    row = await tx.row(
        "SELECT payload->>'said' AS said FROM inbox WHERE source = :source"
        " AND delivery_id = :delivery_id",
        {"source": delivery.source, "delivery_id": delivery.delivery_id},
    )
    return row["said"] if row else None


async def begin(tx: Tx, delivery: Delivery, *, seconds: float) -> Begun:
    """Take a delivery to answer it within so long; its sender may send it again."""
    is_new = await receive(tx, replace(delivery, state=_BEGUN)) is not None
    named = {"source": delivery.source, "delivery_id": delivery.delivery_id}
    taken = await tx.change(
        "UPDATE inbox SET attempts = attempts + 1, lease_until = clock_timestamp()"
        " + make_interval(secs => :seconds) WHERE source = :source"
        " AND delivery_id = :delivery_id AND state = 'begun'"
        " AND (lease_until IS NULL OR lease_until < clock_timestamp())",
        {**named, "seconds": seconds},
    )
    if taken:
        return Begun.new if is_new else Begun.again
    row = await tx.row(
        "SELECT state FROM inbox WHERE source = :source AND delivery_id = :delivery_id",
        named,
    )
    return Begun.busy if row and row["state"] == _BEGUN else Begun.done


async def finish(tx: Tx, delivery: Delivery, *, answered: bool) -> None:
    """End what was begun; not answered, it may be begun again at once."""
    await tx.change(
        "UPDATE inbox SET lease_until = NULL,"
        " state = CASE WHEN :answered THEN 'done' ELSE state END,"
        " handled_at = CASE WHEN :answered THEN CAST(:now AS timestamptz) END"
        " WHERE source = :source AND delivery_id = :delivery_id AND state = 'begun'",
        {
            "source": delivery.source,
            "delivery_id": delivery.delivery_id,
            "answered": answered,
            "now": tx.now,
        },
    )


async def receive_all(tx: Tx, deliveries: Sequence[Delivery]) -> set[tuple[str, str]]:
    """Store deliveries, each once; give source and id of those that are new."""
    if not deliveries:
        return set()
    rows = await tx.rows(
        "INSERT INTO inbox (tenant_id, environment, id, source, delivery_id, kind,"
        " payload, state, error, received_at) SELECT :tenant, :environment, r.id,"
        " r.source, r.delivery_id, r.kind, r.payload, r.state, r.error, :now"
        " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, source text,"
        " delivery_id text, kind text, payload jsonb, state text, error text)"
        " ORDER BY r.source, r.delivery_id ON CONFLICT DO NOTHING"
        " RETURNING source, delivery_id",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "now": tx.now,
            "rows": json.dumps(
                [
                    {
                        "id": str(tx.new_id()),
                        "source": one.source,
                        "delivery_id": one.delivery_id,
                        "kind": one.kind,
                        "payload": plain(one.payload),
                        "state": one.state,
                        "error": one.error,
                    }
                    for one in deliveries
                ]
            ),
        },
    )
    return {(row["source"], row["delivery_id"]) for row in rows}


async def claim(
    tx: Tx, *, environment: str, lease_seconds: int
) -> tuple[Scope, Receipt] | None:
    """
    Claim an environment's oldest waiting click, and enter its scope.

    One on a proposal waits until those before it on that proposal are settled.
    """
    row = await tx.row(
        "SELECT * FROM claim_inbox(:lease, :environment)",
        {"lease": lease_seconds, "environment": environment},
    )
    if row is None:
        return None
    scope = Scope(row["tenant_id"], row["environment"])
    await tx.enter(scope)
    return scope, await get(tx, row["id"])


async def list_deciding(tx: Tx, user: str) -> set[UUID]:
    """Give the proposals on which a Slack user's decision waits to be settled."""
    rows = await tx.rows(
        "SELECT DISTINCT (payload->>'proposal_id')::uuid AS id FROM inbox"
        " WHERE state = 'pending' AND kind = 'decision'"
        " AND payload->>'slack_user' = :user",
        {"user": user},
    )
    return {row["id"] for row in rows}


async def get(tx: Tx, receipt_id: UUID) -> Receipt:
    row = await by_id(tx, tables.inbox, receipt_id)
    if row is None:
        raise LookupError(f"inbox row {receipt_id}: not in this scope")
    return into(Receipt, row)


async def drop_address(tx: Tx, receipt_id: UUID) -> None:
    """Have the message of a click stay as it is: its address is given to nobody."""
    await tx.change(
        "UPDATE inbox SET payload = payload #- '{clicked_in,url}' WHERE id = :id",
        {"id": receipt_id},
    )


async def find_origin(tx: Tx, receipt_id: UUID) -> Mapping[str, object]:
    """
    Give where a click was made, if not in its thread, and what it was about.

    The address that replaces its message is a permission: of a click that is settled
    it is handed out once.
    """
    row = await tx.row(
        "SELECT payload->'clicked_in' AS at, payload->>'proposal_id' AS about"
        " FROM inbox WHERE id = :id",
        {"id": receipt_id},
    )
    if row is None or not isinstance(row["at"], Mapping):
        return {}
    await tx.change(
        "UPDATE inbox SET payload = payload #- '{clicked_in,url}'"
        " WHERE id = :id AND state <> 'pending'",
        {"id": receipt_id},
    )
    return {**row["at"], "about": row["about"]}


async def hold(tx: Tx, receipt_id: UUID, *, seconds: int) -> None:
    """Keep a waiting row claimed for so long from now on."""
    await tx.change(
        "UPDATE inbox SET lease_until = clock_timestamp()"
        " + make_interval(secs => :seconds) WHERE id = :id AND state = 'pending'",
        {"id": receipt_id, "seconds": seconds},
    )


async def put_back(tx: Tx, receipt_id: UUID, *, seconds: int, faulty: bool) -> None:
    """Have a waiting row claimed again after so long; count a fault of ours."""
    await tx.change(
        "UPDATE inbox SET faults = faults + :faults, lease_until = clock_timestamp()"
        " + make_interval(secs => :seconds) WHERE id = :id AND state = 'pending'",
        {"id": receipt_id, "faults": int(faulty), "seconds": seconds},
    )


async def settle(
    tx: Tx, receipt_id: UUID, *, state: str, error: str | None = None
) -> bool:
    """Take a waiting row out of the queue; False if it was settled already."""
    table = tables.inbox
    changed = await tx.change(
        table.update()
        .where(table.c.id == receipt_id, table.c.state == "pending")
        .values(
            state=state,
            error=error,
            handled_at=tx.now,
            lease_until=None,
            # What a person typed is hidden where it goes to, and not kept here.
            payload=literal_column("payload - 'params'"),
        )
    )
    return changed == 1


async def list_broken(tx: Tx, *, most: int = 20) -> Sequence[Receipt]:
    """Give the newest deliveries that could not be understood."""
    table = tables.inbox
    rows = await tx.rows(
        select(table)
        .where(table.c.state == "failed")
        .order_by(table.c.received_at.desc())
        .limit(most)
    )
    return [into(Receipt, row) for row in rows]
