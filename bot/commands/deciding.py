"""``/ops approve``, ``reject`` and ``undo``: a card's buttons, where one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.blocks.card import render_card
from bot.blocks.fold import fold_blocks
from bot.blocks.text import Block, clean, context
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.finding import find_task
from orchestrator.folding import group_alike
from policy.proposal import ProposalState
from storage import inbox, posts, proposals
from storage.database import Database
from storage.inbox import Delivery
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task

# What an undo may take back: done, or perhaps done.
_CARRIED_OUT = frozenset(
    {ProposalState.succeeded, ProposalState.failed, ProposalState.outcome_unknown}
)
_PENDING = frozenset({ProposalState.needs_approval, ProposalState.drafted})
# A message has 50 blocks at most: its heading, these, and what is left out.
_MOST_BLOCKS = 48
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
        for word in asked.words.split()[:_MOST_TASKS] or [""]:
            found, _ = await find_task(self.database, replace(asked, words=word))
            if isinstance(found, str):
                return Said(found)
            if found not in tasks:
                tasks.append(found)
        pending: list[tuple[Proposal, Mapping[str, object]]] = []
        for task in tasks:
            async with self.database.transaction(task.scope, Step.read_view) as tx:
                every = await proposals.list_of_task(tx, task.id)
                waiting = [one for one in every if one.state in _PENDING]
                pending += [(one, await posts.card_of(tx, one)) for one in waiting]
        if not pending:
            return Said("\n".join(_nothing(task) for task in tasks))
        named = ", ".join(f"`{task.short_id}`" for task in tasks)
        text = f"{len(pending)} waiting in {named}. Decide on what you see:"
        return Said(text, [context(text), *_cards(pending)])

    async def undo(self, asked: Asked) -> Said:
        """Ask for the undo of what the task did last, as its button does."""
        task, _ = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        async with self.database.transaction(task.scope, Step.store_click) as tx:
            done = [
                one
                for one in await proposals.list_of_task(tx, task.id)
                if one.state in _CARRIED_OUT and one.undoes is None
            ]
            if not done:
                return Said(_nothing_done(task))
            await inbox.receive(
                tx,
                Delivery(
                    source="slack",
                    delivery_id=asked.key,
                    kind="decision",
                    payload={
                        "verdict": "undo",
                        "proposal_id": done[-1].id,
                        "digest": done[-1].digest,
                        "slack_user": asked.user,
                        "person": asked.user,
                    },
                ),
            )
        title = clean(done[-1].estimate.get("title") or done[-1].tool)
        return Said(f"Asked to undo *{title}*; the answer comes in its thread.")


def _cards(
    pending: Sequence[tuple[Proposal, Mapping[str, object]]],
) -> list[Block]:
    """Give as many as a message takes: alike ones first, then each whole."""
    card_of = {one.id: card for one, card in pending}
    free = [replace(one, folded_in=None) for one, _ in pending]
    blocks: list[Block] = []
    for group in group_alike(free):
        more = fold_blocks([card_of[one.id] for one in group])
        if len(blocks) + len(more) <= _MOST_BLOCKS:
            blocks += more
    left = len(pending)
    for _, card in pending:
        more = render_card(card).blocks
        if len(blocks) + len(more) > _MOST_BLOCKS:
            break
        blocks += more
        left -= 1
    return blocks + ([context(f"{left} more in their threads.")] if left else [])


def _nothing(task: Task) -> str:
    state = task.state.replace("_", " ")
    return f"Nothing waits for a decision in `{task.short_id}`; it is *{state}*."


def _nothing_done(task: Task) -> str:
    if task.linked_to is not None:
        return "An undo is not undone; open a task for it with `/ops open`."
    return f"Task `{task.short_id}` has carried nothing out."
