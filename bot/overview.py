"""What an operator wants to see first: what waits for them, and the system's state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.blocks.grant import say_grant
from bot.blocks.overview import Overview, Pending
from bot.blocks.text import clean, moment
from bot.links import addresses
from policy.person import Person
from policy.risk import AgentRecord
from policy.scope import Scope
from storage import (
    agent_records,
    decisions,
    freezes,
    inbox,
    overrides,
    posts,
    storms,
    tasks,
)
from storage.database import Database, Tx
from storage.freezes import Hold
from storage.open_tasks import Wanted
from storage.pending import Waiting, count_pending, list_pending
from storage.proposals import Proposal
from storage.steps import Step
from storage.storms import Storm

_NOT_CONTAINED = "none"
_UNCONTAINED = (
    "⚠️ {where}: the last run had no sandbox; outside the lab what such runs propose "
    "stays a draft"
)
_WORN = "📉 approvals of *{who}* come unread: each needs one more person"
# More are in their threads; a Home has 100 blocks.
MOST_PENDING = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Which cards are looked at, and how many lie before."""

    wanted: Wanted
    after: int = 0
    most: int = MOST_PENDING


async def gather(
    database: Database,
    scopes: Sequence[Scope],
    person: Person | None,
    base: str,
    *,
    page: Page | None = None,
) -> Overview:
    """
    Read the environments of a workspace, what waits for the person first.

    ``base`` is the workspace's own address, for links; without it there are none.
    """
    page = page or Page(Wanted())
    pending: list[Pending] = []
    held: list[str] = []
    state: list[str] = []
    every = mine = 0
    found: list[tuple[Scope, Waiting]] = []
    for scope in scopes:
        async with database.transaction(scope, Step.read_view) as tx:
            most = page.after + page.most
            some = await list_pending(tx, person, page.wanted, most=most)
            found += [(scope, one) for one in some]
            count, of_mine = await count_pending(tx, person, page.wanted)
            every, mine = every + count, mine + of_mine
            held += _say_frozen(scope, await freezes.read(tx, lock=False))
            state += await _state(tx, scope)
    found.sort(key=lambda one: one[1].order)
    # Behind the last page, since some were decided, it is the last.
    after = min(page.after, max(0, len(found) - 1) // page.most * page.most)
    here = found[after : after + page.most]
    for scope in scopes:
        these = [one.proposal for there, one in here if there == scope]
        if these:
            async with database.transaction(scope, Step.read_view) as tx:
                pending += await _pending(tx, these, person, base)
    place = {str(one.proposal.id): at for at, (_, one) in enumerate(here)}
    pending.sort(key=lambda one: (not one.for_me, place[str(one.card["proposal_id"])]))
    # What stops everything is read first, whatever else there is.
    return Overview(
        pending,
        [*held, *state],
        every - len(here),
        mine - sum(one.mine for _, one in here),
        every,
        after,
    )


async def _state(tx: Tx, scope: Scope) -> list[str]:
    """Say what is unusual in an environment, but for what is frozen."""
    where = scope.environment
    lines = [_say_storm(one) for one in await storms.list_now(tx)]
    lines += [f"{where}: {say_grant(one)}" for one in await overrides.list_live(tx)]
    lines += [
        f"{where}: {_say_record(*one)}" for one in await agent_records.list_bad(tx)
    ]
    lines += [
        f"{where}: {_WORN.format(who=clean(one))}"
        for one in await decisions.list_worn(tx)
    ]
    if await decisions.find_sandbox(tx) == _NOT_CONTAINED:
        lines.append(_UNCONTAINED.format(where=where))
    return lines


async def _pending(
    tx: Tx, found: Sequence[Proposal], person: Person | None, base: str
) -> list[Pending]:
    """Give an environment's cards, and whether they are this person's to decide."""
    where = await addresses(tx, base, [_slot(one) for one in found])
    deciding = await inbox.list_deciding(tx, person.slack_user if person else "")
    pending: list[Pending] = []
    for one in found:
        card = await posts.card_of(tx, one)
        task = await tasks.get(tx, one.task_id)
        pending.append(
            Pending(
                task.short_id,
                card,
                _is_for(one, card, person) and one.id not in deciding,
                where.get(_slot(one), ""),
                task.environment,
                task.kind,
                deciding=one.id in deciding,
            )
        )
    return pending


def _slot(proposal: Proposal) -> tuple[UUID, str]:
    return proposal.task_id, posts.place_of(proposal)


def _is_for(
    proposal: Proposal, card: Mapping[str, object], person: Person | None
) -> bool:
    if person is None or person.roles.isdisjoint(proposal.roles):
        return False
    if proposal.barred == person.id and proposal.state != "drafted":
        return False
    votes = card.get("votes")
    given = [one.get("person") for one in votes] if isinstance(votes, list) else []
    return person.id not in given


def _say_storm(storm: Storm) -> str:
    since = moment(storm.started_at.timestamp())
    folded = f"{storm.folded:,} groups folded"
    return f"⛈️ storm in <#{storm.channel}> since {since}, {folded}"


def _say_record(proposer: str, record: AgentRecord) -> str:
    return (
        f"📉 {clean(proposer)}: {record.failed} of its last {record.settled} actions "
        "failed or were undone; what it proposes counts as riskier"
    )


def _say_frozen(scope: Scope, frozen: freezes.Freeze) -> list[str]:
    where = scope.environment
    lines = [] if frozen.whole is None else [_held(f"{where} is frozen", frozen.whole)]
    return lines + [
        _held(f"{where}: {clean(name)} is frozen", hold)
        for name, hold in sorted(frozen.scopes.items())
    ]


def _held(what: str, hold: Hold) -> str:
    until = f" until {moment(hold.until.timestamp())}" if hold.until else ""
    return f"🧊 {what}{until}, by {clean(hold.by)}: {clean(hold.reason, most=120)}"
