"""What an operator wants to see first: what waits for them, and the system's state."""

from collections.abc import Mapping, Sequence

from bot.blocks.overview import Overview, Pending
from bot.blocks.text import clean, clock
from policy.person import Person
from policy.scope import Scope
from storage import freezes, posts, proposals, storms
from storage.database import Database
from storage.freezes import Hold
from storage.proposals import Proposal
from storage.steps import Step
from storage.storms import Storm

# More are in their threads; a Home has 100 blocks.
MOST_PENDING = 20


async def gather(
    database: Database, scopes: Sequence[Scope], person: Person | None
) -> Overview:
    """Read the environments of a workspace, what waits for the person first."""
    pending: list[Pending] = []
    state: list[str] = []
    for scope in scopes:
        async with database.transaction(scope, Step.read_view) as tx:
            for one in await proposals.list_pending(tx, most=MOST_PENDING):
                card = await posts.card_of(tx, one)
                for_me = _is_for(one, card, person)
                pending.append(Pending(one.task_id.hex[-8:], card, for_me))
            frozen = await freezes.read(tx, lock=False)
            state += [_say_storm(one) for one in await storms.list_now(tx)]
        state += _say_frozen(scope, frozen)
    pending.sort(key=lambda one: not one.for_me)
    return Overview(pending[:MOST_PENDING], state)


def _is_for(
    proposal: Proposal, card: Mapping[str, object], person: Person | None
) -> bool:
    if person is None or person.roles.isdisjoint(proposal.roles):
        return False
    votes = card.get("votes")
    given = [one.get("person") for one in votes] if isinstance(votes, list) else []
    return person.id not in given


def _say_storm(storm: Storm) -> str:
    since = clock(storm.started_at.timestamp())
    folded = f"{storm.folded:,} groups folded"
    return f"⛈️ storm in <#{storm.channel}> since {since}, {folded}"


def _say_frozen(scope: Scope, frozen: freezes.Freeze) -> list[str]:
    where = scope.environment
    lines = [] if frozen.whole is None else [_held(f"{where} is frozen", frozen.whole)]
    return lines + [
        _held(f"{where}: {clean(name)} is frozen", hold)
        for name, hold in sorted(frozen.scopes.items())
    ]


def _held(what: str, hold: Hold) -> str:
    until = f" until {clock(hold.until.timestamp())}" if hold.until else ""
    return f"🧊 {what}{until}, by {clean(hold.by)}: {clean(hold.reason, most=120)}"
