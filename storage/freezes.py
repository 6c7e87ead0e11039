"""
The kill switch: one row for each tenant and environment, named scopes inside it.

A write's first transaction reads the row FOR SHARE, a freeze updates it: so a freeze
waits for what is just beginning, and after its commit nothing begins. No row means
frozen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from policy.proposal import ProposalState
from storage import guards
from storage.canonical import canonical
from storage.database import Tx
from storage.errors import NotFound

# What a freeze without a name of its own covers.
EVERYTHING = "*"

_READ = (
    "SELECT frozen, reason, by, until, scopes, undo_too, restored_at FROM freezes"
    " WHERE tenant_id = :tenant AND environment = :environment"
)
_READ_SHARED = text(f"{_READ} FOR SHARE")
_READ_ALONE = text(f"{_READ} FOR UPDATE")
_READ_NOW = text(_READ)
_WRITE = text(
    "UPDATE freezes SET frozen = :frozen, reason = :reason, by = :by, until = :until,"
    " scopes = CAST(:scopes AS jsonb), undo_too = :undo_too"
    " WHERE tenant_id = :tenant AND environment = :environment"
)
_RESTORED = text(
    "UPDATE freezes SET restored_at = :now"
    " WHERE tenant_id = :tenant AND environment = :environment"
)
# Longer than a stalled transaction lives (idle_in_transaction_session_timeout, 15 s).
_PATIENT = text("SET LOCAL lock_timeout = '20s'")
_BEGUN = text(
    "SELECT e.id, e.kind, e.effect_deadline_at, p.tool, p.state, p.estimate,"
    " e.task_id, (e.outcome IS NOT NULL"
    " OR coalesce(e.verification ? 'unseen', false)) AS unseen"
    " FROM executions e JOIN proposals p ON p.id = e.proposal_id"
    " AND p.tenant_id = e.tenant_id AND p.environment = e.environment"
    " WHERE (e.outcome IS NULL OR (e.outcome IN ('lost', 'not_seen')"
    " AND e.effect_deadline_at > :landed AND e.verified_at IS NULL"
    " AND NOT coalesce(e.verification ? 'late', false)"
    " AND NOT EXISTS (SELECT FROM executions AS took WHERE took.outcome = 'applied'"
    " AND took.proposal_id = e.proposal_id AND took.kind = e.kind)))"
    " AND e.tenant_id = :tenant AND e.environment = :environment ORDER BY e.begun_at"
)


@dataclass(frozen=True, slots=True)
class Hold:
    """Who froze, why, and until when; None until somebody thaws."""

    reason: str
    by: str
    until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class Freeze:
    """
    What is frozen at the instant of reading; holds that are over are left out.

    ``scopes`` are keyed by a tool's name, a category, or ``service:<name>``.
    ``undo_too``: the whole freeze stops undo and reversions as well. ``restored_at``:
    when the environment's rows last came out of a backup.
    """

    whole: Hold | None
    scopes: Mapping[str, Hold] = field(default_factory=dict)
    undo_too: bool = False
    restored_at: datetime | None = None

    def is_since_restore(self, at: datetime) -> bool:
        """Tell whether somebody who said so then could know of a restore."""
        return self.restored_at is None or at > self.restored_at

    @property
    def frozen(self) -> bool:
        return self.whole is not None

    def holding(
        self, *, tool: str, category: str, services: Collection[str]
    ) -> Hold | None:
        """Give what stops a write of this tool that touches these services."""
        if self.whole is not None:
            return self.whole
        # Whoever freezes in a hurry writes a service's name in any case.
        names = (tool, category, *(f"service:{one.casefold()}" for one in services))
        return next((self.scopes[one] for one in names if one in self.scopes), None)

    @property
    def holds_undo(self) -> Hold | None:
        """Give what stops even an undo or a reversion."""
        return self.whole if self.undo_too else None


@dataclass(frozen=True, slots=True)
class Begun:
    """
    An effect that had begun before the freeze, and is not read back yet.

    ``given_up``: nobody reads it back; a person is asked on its card. ``unseen``: it
    was looked for and not seen, and may still land within a minute of its deadline.
    """

    execution_id: UUID
    task_id: UUID
    kind: str
    title: str
    deadline_at: datetime
    given_up: bool
    unseen: bool = False


async def read(tx: Tx, *, lock: bool) -> Freeze:
    """Read what is frozen; ``lock`` takes the row FOR SHARE."""
    row = await tx.row(_READ_SHARED if lock else _READ_NOW, _here(tx))
    return _parse(row, tx.now)


@dataclass(frozen=True, slots=True)
class Frozen:
    """What holds after a freeze, and the effects that had begun and still run."""

    now: Freeze
    begun: Sequence[Begun]

    def hold_of(self, scope: str) -> Hold | None:
        return self.now.whole if scope == EVERYTHING else self.now.scopes.get(scope)


async def freeze(
    tx: Tx, hold: Hold, *, scope: str = EVERYTHING, undo_too: bool = False
) -> Frozen:
    """
    Freeze a scope, or everything.

    One freeze never shortens another: the later end stands, and ``--all`` stays as
    long. Waits at most twenty seconds for writes that are just beginning.

    Raises:
        NotFound: there is no such tenant or environment.
    """
    await tx.change(_PATIENT)
    now = await _read_alone(tx)
    if scope == EVERYTHING:
        longer = _longer(now.whole, hold)
        left = Freeze(longer, now.scopes, undo_too or now.undo_too)
    else:
        scopes = {**now.scopes, scope: _longer(now.scopes.get(scope), hold)}
        left = Freeze(now.whole, scopes, now.undo_too)
    await _write(tx, left)
    landed = tx.now - timedelta(seconds=guards.SLACK_SECONDS)
    rows = await tx.rows(_BEGUN, {**_here(tx), "landed": landed})
    begun = [
        Begun(
            row["id"],
            row["task_id"],
            row["kind"],
            str(row["estimate"].get("title") or row["tool"]),
            row["effect_deadline_at"],
            row["kind"] == "apply" and row["state"] != ProposalState.executing,
            row["unseen"],
        )
        for row in rows
    ]
    return Frozen(left, begun)


def _longer(old: Hold | None, new: Hold) -> Hold:
    """Give whichever holds longer; an open end is the longest."""
    if old is None or new.until is None:
        return new
    return old if old.until is None or old.until > new.until else new


async def thaw(tx: Tx, *, scope: str = EVERYTHING) -> Freeze:
    """
    Lift a scope's freeze, or every one; gives what is still frozen.

    Raises:
        NotFound: there is no such tenant or environment.
    """
    now = await _read_alone(tx)
    left = Freeze(None)
    if scope != EVERYTHING:
        kept = {name: hold for name, hold in now.scopes.items() if name != scope}
        left = Freeze(now.whole, kept, now.undo_too)
    await _write(tx, left)
    return left


async def note_restore(tx: Tx) -> None:
    """Say that what these rows know is of a backup, and older than the world."""
    await tx.change(_RESTORED, {**_here(tx), "now": tx.now})


async def _read_alone(tx: Tx) -> Freeze:
    row = await tx.row(_READ_ALONE, _here(tx))
    if row is None:
        raise NotFound(
            f"{tx.here.tenant_id} {tx.here.environment}: no such environment, nothing "
            "was frozen or thawed; add it with `autopilot tenant add`"
        )
    return _parse(row, tx.now)


async def _write(tx: Tx, left: Freeze) -> None:
    whole = left.whole or Hold("", "")
    scopes = {
        name: {
            "reason": hold.reason,
            "by": hold.by,
            "until": hold.until.isoformat() if hold.until else None,
        }
        for name, hold in left.scopes.items()
    }
    await tx.change(
        _WRITE,
        {
            **_here(tx),
            "frozen": left.frozen,
            "reason": whole.reason,
            "by": whole.by,
            "until": whole.until,
            "scopes": canonical(scopes),
            "undo_too": left.undo_too and left.frozen,
        },
    )


def _parse(row: Mapping[str, object] | None, now: datetime) -> Freeze:
    if row is None:
        return Freeze(Hold("no freeze row", "autopilot"), undo_too=True)
    whole = Hold(str(row["reason"]), str(row["by"]), _instant(row["until"]))
    held = bool(row["frozen"]) and not whole.is_over(now)
    kept = row["scopes"] if isinstance(row["scopes"], dict) else {}
    scopes = {
        name: Hold(one["reason"], one["by"], _instant(one["until"]))
        for name, one in kept.items()
    }
    return Freeze(
        whole if held else None,
        {name: hold for name, hold in scopes.items() if not hold.is_over(now)},
        held and bool(row["undo_too"]),
        _instant(row["restored_at"]),
    )


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None


def _here(tx: Tx) -> Mapping[str, object]:
    """Name the scope: the release role's own policy shows it every row."""
    return {"tenant": tx.here.tenant_id, "environment": tx.here.environment}
