"""Proposals: a chain of revisions, each with the digest of what is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from policy.lifecycle import ProposalEvent, advance_proposal
from policy.person import Person
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.errors import NotFound, StaleState
from storage.rows import add, by_id, into


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    One revision, as it was shown.

    ``before`` is the target state seen, ``estimate`` the measured blast radius,
    ``params_schema`` the JSON Schema with bounds at the time of showing. ``undoes``
    names the proposal whose action an undo takes back. ``next_roles`` are asked too
    once nobody of ``roles`` has answered, and are then among those; ``next_people`` are
    the Slack ids of who holds them. ``grant_offer`` is what may be granted with its
    approval: ``minutes``, ``most`` and ``service``. ``barred`` asked for it, and so may
    not approve it. ``alike`` is what it has in common with others that differ in their
    target alone, "" for one that is like no other; ``folded_in`` is the first of those
    with which it shares a card. ``asked_at`` is when policy sent it back to people.
    ``unmuted`` counts how often its task was unmuted while it waited.
    """

    id: UUID
    task_id: UUID
    run_id: UUID | None
    key: str
    revision: int
    supersedes: UUID | None
    undoes: UUID | None
    tool: str
    tool_version: int
    category: str
    params: Mapping[str, object]
    params_schema: Mapping[str, object]
    reason_code: str
    summary: str
    because: str
    confidence: float | None
    evidence_ids: tuple[str, ...]
    uncited: tuple[str, ...]
    tainted: bool
    before: Mapping[str, object]
    estimate: Mapping[str, object]
    undo: Mapping[str, object]
    risk: int
    risk_factors: tuple[str, ...]
    digest: str
    state: ProposalState
    decision_id: UUID
    quorum: int
    roles: tuple[str, ...]
    rule: str
    expires_in_seconds: int
    expires_at: datetime | None
    latest_at: datetime
    proposed_by: str
    edited_by: str | None
    diff: Mapping[str, object] | None
    closed_by: str | None
    closed_reason: str | None
    reminded_at: datetime | None
    created_at: datetime
    next_roles: tuple[str, ...] = ()
    next_people: tuple[str, ...] = ()
    escalated_at: datetime | None = None
    grant_offer: Mapping[str, object] | None = None
    barred: str | None = None
    alike: str = ""
    folded_in: UUID | None = None
    asked_at: datetime | None = None
    unmuted: int = 0

    @property
    def asked_again(self) -> tuple[str, ...]:
        """Who was asked next before its task was muted: a reminder names them too."""
        return self.next_people if self.unmuted and self.escalated_at else ()

    @property
    def title(self) -> str:
        """What it does, in its tool's words; the tool's name where it has none."""
        said = str(self.estimate.get("title") or self.tool)
        return f"{said} (undo)" if self.undoes else said


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms, by which verdict, people are asked; ``digest`` is of them."""

    decision_id: UUID
    rule: str
    quorum: int
    roles: tuple[str, ...]
    expires_in_seconds: int
    digest: str


# What waits for a person: for a decision, or for a hand.
WAITING = (ProposalState.needs_approval, ProposalState.drafted)
PENDING = "p.state IN ('needs_approval', 'drafted')"
# Whether a person with these roles may vote on the proposal ``p``, and has not yet.
MAY_DECIDE = (
    "jsonb_exists_any(p.roles, CAST(:roles AS text[])) AND NOT EXISTS (SELECT 1"
    " FROM approvals a WHERE a.proposal_id = p.id AND a.tenant_id = p.tenant_id"
    " AND a.environment = p.environment AND NOT a.void AND a.person = :decider)"
    " AND (p.state = 'drafted' OR p.barred IS DISTINCT FROM :decider)"
)


async def create(tx: Tx, proposal: Proposal) -> None:
    values = {
        name: plain(value) if isinstance(value, tuple | Mapping) else value
        for name, value in asdict(proposal).items()
    }
    await add(tx, tables.proposals, {**values, "updated_at": tx.now})


async def get(tx: Tx, proposal_id: UUID, *, lock: bool = False) -> Proposal:
    """
    Give the proposal, which must be in this scope.

    Raises:
        NotFound: it is not.
    """
    row = await by_id(tx, tables.proposals, proposal_id, lock=lock)
    if row is None:
        raise NotFound(f"proposal {proposal_id}: not in this scope")
    return into(Proposal, row)


async def list_of_task(tx: Tx, task_id: UUID) -> Sequence[Proposal]:
    table = tables.proposals
    rows = await tx.rows(
        select(table).where(table.c.task_id == task_id).order_by(table.c.created_at)
    )
    return [into(Proposal, row) for row in rows]


def decider(person: Person | None) -> Mapping[str, object]:
    """Give what ``MAY_DECIDE`` asks of a person; nobody may decide nothing."""
    if person is None:
        return {"roles": [], "decider": ""}
    return {"roles": sorted(person.roles), "decider": person.id}


async def find_left(tx: Tx, *, environment: str, most: int) -> list[tuple[Scope, UUID]]:
    """Give tasks, of any tenant, that execute no more with an effect under way."""
    rows = await tx.rows(
        "SELECT * FROM find_left(:most, :environment)",
        {"most": most, "environment": environment},
    )
    return [(Scope(row["tenant_id"], row["environment"]), row["id"]) for row in rows]


async def find_by_key(
    tx: Tx, task_id: UUID, key: str, revision: int
) -> Proposal | None:
    table = tables.proposals
    row = await tx.row(
        select(table).where(
            table.c.task_id == task_id,
            table.c.key == key,
            table.c.revision == revision,
        )
    )
    return into(Proposal, row) if row else None


async def find_successor(tx: Tx, proposal_id: UUID) -> Proposal | None:
    """Give the revision that replaced this one."""
    table = tables.proposals
    row = await tx.row(select(table).where(table.c.supersedes == proposal_id))
    return into(Proposal, row) if row else None


async def find_undo(tx: Tx, proposal_id: UUID) -> Proposal | None:
    """Give the newest undo of this proposal, whatever became of it."""
    table = tables.proposals
    row = await tx.row(
        select(table)
        .where(table.c.undoes == proposal_id)
        .order_by(table.c.created_at.desc())
        .limit(1)
    )
    return into(Proposal, row) if row else None


async def move(
    tx: Tx,
    proposal: Proposal,
    event: ProposalEvent,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> ProposalState:
    """
    Advance the proposal; the row must still be in the state that was read.

    Raises:
        IllegalMove: the lifecycle has no such move.
        StaleState: the row moved meanwhile.
    """
    state = advance_proposal(proposal.state, event)
    table = tables.proposals
    changed = await tx.change(
        table.update()
        .where(table.c.id == proposal.id, table.c.state == proposal.state)
        .values(
            state=state,
            updated_at=tx.now,
            closed_by=by if by is not None else table.c.closed_by,
            closed_reason=reason if reason is not None else table.c.closed_reason,
        )
    )
    if changed != 1:
        raise StaleState(
            f"proposal {proposal.id}: expected {proposal.state}; read it again"
        )
    return state


async def ask_anew(
    tx: Tx, proposal: Proposal, terms: Terms, *, reason: str
) -> Proposal:
    """
    Send an approved one back to people under new terms, on a card of its own.

    Its time begins when that card is shown; nobody was reminded or asked next yet.

    Raises:
        IllegalMove: it was not approved.
        StaleState: the row moved meanwhile.
    """
    await move(tx, proposal, ProposalEvent.policy_asks_more, reason=reason)
    table = tables.proposals
    begins_anew = ("expires_at", "reminded_at", "escalated_at", "folded_in")
    await tx.change(
        table.update()
        .where(table.c.id == proposal.id)
        .values(
            **asdict(terms) | {"roles": list(terms.roles)},
            **dict.fromkeys(begins_anew),
            grant_offer=None,
            asked_at=tx.now,
        )
    )
    return await get(tx, proposal.id)


async def keep_reminder(tx: Tx, proposal_id: UUID) -> bool:
    """Note that its people were reminded; False if they were, or it is decided."""
    table = tables.proposals
    changed = await tx.change(
        table.update()
        .where(
            table.c.id == proposal_id,
            table.c.state.in_(WAITING),
            table.c.reminded_at.is_(None),
        )
        .values(reminded_at=tx.now)
    )
    return changed == 1


async def remind_again(tx: Tx, task_id: UUID) -> None:
    """Have people reminded, and called, of a task's cards that wait, as at first."""
    table = tables.proposals
    await tx.change(
        table.update()
        .where(table.c.task_id == task_id, table.c.state.in_(WAITING))
        .values(reminded_at=None, unmuted=table.c.unmuted + 1)
    )


async def is_reminded_of_alike(tx: Tx, proposal: Proposal) -> bool:
    """Tell whether a reminder of another one that shares its card speaks for it."""
    if proposal.folded_in is None:
        return False
    found = await tx.rows(
        "SELECT 1 FROM proposals WHERE task_id = :task AND folded_in = :leader"
        " AND id <> :own AND reminded_at IS NOT NULL LIMIT 1",
        {
            "task": proposal.task_id,
            "leader": proposal.folded_in,
            "own": proposal.id,
        },
    )
    return bool(found)


async def fold(tx: Tx, ids: Sequence[UUID], *, leader: UUID) -> None:
    """Let these share one card."""
    table = tables.proposals
    await tx.change(table.update().where(table.c.id.in_(ids)).values(folded_in=leader))


async def list_folded(tx: Tx, task_id: UUID, leader: UUID) -> Sequence[Proposal]:
    """Give those of a folded card that still wait, in their order."""
    table = tables.proposals
    rows = await tx.rows(
        select(table)
        .where(
            table.c.task_id == task_id,
            table.c.folded_in == leader,
            table.c.state == ProposalState.needs_approval,
        )
        .order_by(table.c.created_at, table.c.id)
    )
    return [into(Proposal, row) for row in rows]


async def list_alike(
    tx: Tx, proposal: Proposal
) -> Sequence[tuple[UUID, ProposalState]]:
    """Give id and state of all that share a proposal's card, itself among them."""
    if proposal.folded_in is None:
        return [(proposal.id, proposal.state)]
    table = tables.proposals
    rows = await tx.rows(
        select(table.c.id, table.c.state).where(
            table.c.task_id == proposal.task_id,
            table.c.folded_in == proposal.folded_in,
        )
    )
    return [(row["id"], ProposalState(row["state"])) for row in rows]


async def escalate(tx: Tx, proposal: Proposal) -> bool:
    """Ask the next roles too; False if there are none, or they were, or it is over."""
    if not proposal.next_roles:
        return False
    table = tables.proposals
    changed = await tx.change(
        table.update()
        .where(
            table.c.id == proposal.id,
            table.c.state.in_(WAITING),
            table.c.escalated_at.is_(None),
        )
        .values(escalated_at=tx.now, roles=[*proposal.roles, *proposal.next_roles])
    )
    return changed == 1


async def raise_quorum(tx: Tx, proposal_id: UUID, quorum: int) -> None:
    """Need more people for this card; never fewer."""
    await tx.change(
        "UPDATE proposals SET quorum = greatest(quorum, :quorum) WHERE id = :id",
        {"id": proposal_id, "quorum": quorum},
    )


async def restore_quorum(tx: Tx, proposal_id: UUID, quorum: int) -> None:
    """Need as many people for this card as its rule says."""
    await tx.change(
        "UPDATE proposals SET quorum = :quorum WHERE id = :id",
        {"id": proposal_id, "quorum": quorum},
    )


async def keep_delivery(tx: Tx, proposal_id: UUID) -> bool:
    """Start the expiry clock: the card stands in Slack now. False if it ran already."""
    changed = await tx.change(
        "UPDATE proposals SET expires_at = :now + make_interval(secs =>"
        " expires_in_seconds) WHERE id = :id AND expires_at IS NULL",
        {"now": tx.now, "id": proposal_id},
    )
    return changed == 1
