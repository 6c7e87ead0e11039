"""``/ops approve``, ``reject`` and ``undo``: a card's buttons, where one is."""

from dataclasses import dataclass

from bot.blocks.card import render_card
from bot.blocks.text import Block, clean, context
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.finding import find_task
from policy.proposal import ProposalState
from storage import inbox, posts, proposals
from storage.database import Database
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task

# What an undo may take back: done, or perhaps done.
_CARRIED_OUT = frozenset(
    {ProposalState.succeeded, ProposalState.failed, ProposalState.outcome_unknown}
)
_PENDING = frozenset({ProposalState.needs_approval, ProposalState.drafted})
# A message has 50 blocks at most, and a card some six.
_MOST_CARDS = 5


@dataclass(frozen=True, slots=True)
class Deciding:
    database: Database

    def commands(self) -> list[Command]:
        shows = "shows the card to decide on"
        return [
            Command("approve", "approve id", shows, Needs.act, self.show),
            Command("reject", "reject id", shows, Needs.act, self.show),
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
        """
        task, _ = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        blocks: list[Block] = []
        async with self.database.transaction(task.scope, Step.read_view) as tx:
            every = await proposals.list_of_task(tx, task.id)
            pending = [one for one in every if one.state in _PENDING]
            for one in pending[:_MOST_CARDS]:
                blocks += render_card(await posts.card_of(tx, one)).blocks
        if not pending:
            return Said(_nothing(task))
        text = f"{len(pending)} waiting in `{task.short_id}`. Decide on what you see:"
        if len(pending) > _MOST_CARDS:
            blocks.append(context(f"{len(pending) - _MOST_CARDS} more in its thread."))
        return Said(text, [context(text), *blocks])

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


def _nothing(task: Task) -> str:
    state = task.state.replace("_", " ")
    return f"Nothing waits for a decision in `{task.short_id}`; it is *{state}*."


def _nothing_done(task: Task) -> str:
    if task.linked_to is not None:
        return "An undo is not undone; open a task for it with `/ops open`."
    return f"Task `{task.short_id}` has carried nothing out."
