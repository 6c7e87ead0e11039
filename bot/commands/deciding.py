"""``/ops approve``, ``reject`` and ``undo``: a card's buttons, where one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from bot.blocks.card import render_card
from bot.blocks.fold import fold_blocks
from bot.blocks.text import MOST_SIGNS, Block, clean, context
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.finding import find_task
from bot.origin import stored
from bot.outbound.fit import signs_of
from orchestrator.folding import group_alike
from policy.proposal import ProposalState
from storage import executions, inbox, posts, proposals
from storage.database import Database, Tx
from storage.inbox import Delivery
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task

# What was done, or perhaps done, and then perhaps taken back.
_DONE = frozenset(
    {ProposalState.succeeded, ProposalState.failed, ProposalState.outcome_unknown}
    | {ProposalState.undone}
)
_NO_WORDS = (
    "Nothing was done: `undo` takes no words behind the task. For `{id}` type "
    "`undo {id}` alone."
)
_BEFORE_IT = "An action before it is undone from its own card."
# Of an execution: never read back, or nobody could tell.
_UNKNOWN = frozenset({None, "lost"})
_PENDING = frozenset({ProposalState.needs_approval, ProposalState.drafted})
# What a message takes, but for its heading and a line on what is left out.
_MOST_BLOCKS = 48
_MOST_SIGNS = MOST_SIGNS - 800
_MOST_TASKS = 10


@dataclass(frozen=True, slots=True)
class Deciding:
    database: Database

    def commands(self) -> list[Command]:
        shows = "shows the card to decide on"
        return [
            Command("approve", "approve id [id …]", shows, Needs.act, self.show),
            Command("reject", "reject id [id …]", shows, Needs.act, self.show),
            Command(
                "undo",
                "undo id",
                "proposes to take back what a task last did",
                Needs.act,
                self.undo,
            ),
        ]

    async def show(self, asked: Asked) -> Said:
        """
        Show what waits, with its buttons: a decision names the digest of what was seen.

        Of several tasks too; those alike come first, in one card with toggles.
        """
        tasks: list[Task] = []
        words = asked.words.split()
        unknown: list[str] = []
        for word in words[:_MOST_TASKS] or [""]:
            found, _ = await find_task(self.database, replace(asked, words=word))
            if isinstance(found, str):
                unknown.append(found)
            elif found not in tasks:
                tasks.append(found)
        if len(words) > _MOST_TASKS:
            left = " ".join(clean(one) for one in words[_MOST_TASKS:])
            unknown.append(f"Ten at a time; not looked at: {left}")
        if not tasks:
            return Said("\n".join(unknown))
        pending: list[tuple[Proposal, Mapping[str, object]]] = []
        for task in tasks:
            async with self.database.transaction(task.scope, Step.read_view) as tx:
                every = await proposals.list_of_task(tx, task.id)
                waiting = [one for one in every if one.state in _PENDING]
                pending += [(one, await posts.card_of(tx, one)) for one in waiting]
        if not pending:
            return Said("\n".join([*unknown, *(_nothing(task) for task in tasks)]))
        named = ", ".join(f"`{task.short_id}`" for task in tasks)
        text = f"{len(pending)} waiting in {named}. Decide on what you see:"
        told = [context(one) for one in unknown]
        cards = _cards(pending)
        if len(pending) > 1:
            _name_all(cards, [task.short_id for task in tasks])
        return Said(text, [context(text), *told, *cards])

    async def undo(self, asked: Asked) -> Said:
        """Ask for the undo of what the task did last, as its button does."""
        task, rest = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        if rest:
            return Said(_NO_WORDS.format(id=task.short_id))
        async with self.database.transaction(task.scope, Step.store_click) as tx:
            last = await _find_last_done(tx, task)
            if last is None:
                return Said(_nothing_done(task))
            if last.state is ProposalState.undone:
                title = clean(last.estimate.get("title") or last.tool)
                return Said(f"*{title}* was undone already. {_BEFORE_IT}")
            await inbox.receive(
                tx,
                Delivery(
                    source="slack",
                    delivery_id=asked.key,
                    kind="decision",
                    payload={
                        "verdict": "undo",
                        "proposal_id": last.id,
                        "digest": last.digest,
                        "slack_user": asked.user,
                        "person": asked.user,
                        **stored(asked.origin),
                    },
                ),
            )
        title = clean(last.estimate.get("title") or last.tool)
        return Said(f"Asked to undo *{title}*; what comes of it is answered here.")


async def _find_last_done(tx: Tx, task: Task) -> Proposal | None:
    """
    Give what was carried out last, though it was undone since.

    Of what never ran there is nothing to undo.
    """
    done: list[tuple[datetime, Proposal]] = []
    for one in await proposals.list_of_task(tx, task.id):
        if one.state not in _DONE or one.undoes is not None:
            continue
        last = await executions.find_last(tx, one.id)
        if last is not None and (last.after is not None or last.outcome in _UNKNOWN):
            done.append((last.begun_at, one))
    return max(done, key=lambda each: each[0])[1] if done else None


def _cards(
    pending: Sequence[tuple[Proposal, Mapping[str, object]]],
) -> list[Block]:
    """
    Give as many as a message takes: alike ones in one first, then each whole.

    What stands in no shared card has room before what stands in one already.
    """
    card_of = {one.id: card for one, card in pending}
    whole = {one.id: render_card(card).blocks for one, card in pending}
    groups = group_alike([replace(one, folded_in=None) for one, _ in pending])
    folded = {one.id for group in groups for one in group}
    alone = sum(signs_of(whole[one]) for one in whole if one not in folded)
    room = _MOST_SIGNS - min(alone, _MOST_SIGNS // 2)
    blocks: list[Block] = []
    shown: set[UUID] = set()
    for group in groups:
        cards = [card_of[one.id] for one in group]
        more = fold_blocks(cards, most_signs=room - signs_of(blocks))
        if _fit([*blocks, *more]):
            blocks += more
            shown |= {one.id for one in group}
    for one in sorted(whole, key=lambda each: each in shown):
        if _fit([*blocks, *whole[one]]):
            blocks += whole[one]
            shown.add(one)
    left = len(whole) - len(shown)
    return blocks + ([context(f"{left} more in their threads.")] if left else [])


def _name_all(blocks: Sequence[Block], names: Sequence[str]) -> None:
    """
    Name all tasks at each button: Slack sends its block's id along with a click.

    The answer replaces the whole message, and says what else stood there.
    """
    for block in blocks:
        if block["type"] == "actions":
            block["block_id"] = " ".join([str(block["block_id"]), *names])


def _fit(blocks: Sequence[Block]) -> bool:
    return len(blocks) <= _MOST_BLOCKS and signs_of(blocks) <= _MOST_SIGNS


def _nothing(task: Task) -> str:
    state = task.state.replace("_", " ")
    return f"Nothing waits for a decision in `{task.short_id}`; it is *{state}*."


def _nothing_done(task: Task) -> str:
    if task.linked_to is not None:
        return "An undo is not undone; open a task for it with `/ops open`."
    return f"Task `{task.short_id}` has carried nothing out."
