"""
Autonomy overrides: grants, which expire, are counted, and may be withdrawn.

A write's first transaction holds the row it counts on, a withdrawal updates it: so it
waits for what is just beginning, and after its commit nothing begins under the grant.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from storage import tables
from storage.database import Tx
from storage.errors import NotFound
from storage.rows import add, by_id, into

# Of several the one that lasts longest; none that is spent, but for whom it counts.
_FIND = (
    "SELECT * FROM autonomy_overrides WHERE tool = :tool AND kind = :kind"
    " AND service = :service AND expires_at > :now AND withdrawn_at IS NULL"
    " AND (jsonb_array_length(used_by) < most OR jsonb_exists(used_by, :user))"
    " AND most_risk >= :risk ORDER BY expires_at DESC LIMIT 1"
)
_FIND_NOW = text(_FIND)
_FIND_ALONE = text(f"{_FIND} FOR UPDATE")


@dataclass(frozen=True, slots=True)
class Override:
    """
    Leave for one tool on one service, for tasks of one kind, up to a risk.

    ``used_by`` are the proposals that began under it, ``proposal_id`` is the one with
    whose approval it was given.
    """

    id: UUID
    task_id: UUID
    proposal_id: UUID
    tool: str
    kind: str
    service: str
    person: str
    most: int
    most_risk: int
    used_by: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @property
    def short_id(self) -> str:
        """What people type: the last eight hex digits, the random ones."""
        return self.id.hex[-8:]

    @property
    def left(self) -> int:
        return self.most - len(self.used_by)

    def holds(self, now: datetime) -> bool:
        return self.withdrawn_at is None and self.expires_at > now and self.left > 0


@dataclass(frozen=True, slots=True)
class Call:
    """What a grant is asked for; ``risk`` is from 1 to 10."""

    tool: str
    kind: str
    service: str
    risk: int


@dataclass(frozen=True, slots=True)
class NewOverride:
    task_id: UUID
    proposal_id: UUID
    tool: str
    kind: str
    service: str
    person: str
    most: int
    most_risk: int
    lasts: timedelta


async def create(tx: Tx, new: NewOverride) -> Override:
    made = Override(
        id=tx.new_id(),
        task_id=new.task_id,
        proposal_id=new.proposal_id,
        tool=new.tool,
        kind=new.kind,
        service=new.service,
        person=new.person,
        most=new.most,
        most_risk=new.most_risk,
        used_by=(),
        created_at=tx.now,
        expires_at=tx.now + new.lasts,
        withdrawn_by=None,
        withdrawn_at=None,
    )
    values = {name: getattr(made, name) for name in Override.__dataclass_fields__}
    await add(tx, tables.autonomy_overrides, {**values, "used_by": []})
    return made


async def get(tx: Tx, override_id: UUID) -> Override:
    """
    Give the grant, which must be in this scope.

    Raises:
        NotFound: it is not.
    """
    row = await by_id(tx, tables.autonomy_overrides, override_id)
    if row is None:
        raise NotFound(f"grant {override_id}: not in this scope")
    return into(Override, row)


async def find(tx: Tx, call: Call, *, user: str, lock: bool) -> Override | None:
    """
    Give what holds for such a call, with uses left.

    ``user`` is the proposal that asks: one that is counted already counts no more.
    ``lock`` keeps others from counting on it, or withdrawing it, until the end.
    """
    row = await tx.row(
        _FIND_ALONE if lock else _FIND_NOW,
        {**asdict(call), "user": user, "now": tx.now},
    )
    return into(Override, row) if row else None


async def use(tx: Tx, override_id: UUID, user: str) -> Override:
    """Count one proposal, once; the caller holds the row."""
    await tx.change(
        "UPDATE autonomy_overrides SET used_by = used_by || to_jsonb(CAST(:user AS"
        " text)) WHERE id = :id AND NOT jsonb_exists(used_by, :user)"
        " AND jsonb_array_length(used_by) < most",
        {"id": override_id, "user": user},
    )
    return await get(tx, override_id)


async def list_live(tx: Tx) -> Sequence[Override]:
    """Give those that still hold, the one that ends first before the others."""
    rows = await tx.rows(
        "SELECT * FROM autonomy_overrides WHERE expires_at > :now"
        " AND withdrawn_at IS NULL AND jsonb_array_length(used_by) < most"
        " ORDER BY expires_at, id",
        {"now": tx.now},
    )
    return [into(Override, row) for row in rows]


async def find_of_card(tx: Tx, proposal_id: UUID, rule: str) -> Override | None:
    """Give the grant that came with this card's approval, or under which it ran."""
    row = await tx.row(
        "SELECT * FROM autonomy_overrides WHERE proposal_id = :id"
        " OR 'grant:' || id = :rule ORDER BY created_at LIMIT 1",
        {"id": proposal_id, "rule": rule},
    )
    return into(Override, row) if row else None


async def withdraw(tx: Tx, override_id: UUID, *, by: str) -> bool:
    """End one now; False if it held no more."""
    changed = await tx.change(
        "UPDATE autonomy_overrides SET withdrawn_by = :by, withdrawn_at = :now"
        " WHERE id = :id AND withdrawn_at IS NULL AND expires_at > :now",
        {"id": override_id, "by": by, "now": tx.now},
    )
    return changed == 1
