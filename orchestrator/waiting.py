"""
A card that waits: its people are reminded, the next ones asked, the pager called.

Theory of operation. At half of its time the route's people are reminded; with three
eighths left the card goes to the next roles of its approval rule as well; with a
quarter left somebody is called, and never before the next roles are asked. Whatever
ends the card ends its page. One that policy sent back is asked as at first; of one that
was unmuted whoever was asked next is reminded with the others, once.
"""

from collections.abc import Awaitable, Callable, Mapping

from policy.event import Event
from policy.proposal import ProposalState
from storage import ledger, outbox, posts, proposals, tasks
from storage.database import Tx
from storage.directory import Due
from storage.proposals import WAITING, Proposal
from storage.tasks import Task


async def _remind(tx: Tx, due: Due) -> None:
    """Say once in the thread that a card still waits, and for whom."""
    task, proposal = await _locked(tx, due)
    if task.muted_by is not None or not await proposals.keep_reminder(tx, due.id):
        return
    if await outbox.holds(tx, task.id, posts.page_slot(proposal)):
        # The thread says so already, with what came of calling somebody.
        return
    if await proposals.is_reminded_of_alike(tx, proposal):
        return
    await posts.post_reminder(tx, task, await proposals.get(tx, due.id))
    await ledger.append(
        tx,
        Event.task_reminded,
        actor="sweeper",
        task_id=task.id,
        body={"proposal": due.id, "people": posts.reminded(task, proposal)},
    )


async def _escalate(tx: Tx, due: Due) -> None:
    task, proposal = await _locked(tx, due)
    if task.muted_by is None:
        await _address_next(tx, task, proposal)


async def _page(tx: Tx, due: Due) -> None:
    """Have a person paged where the thread did not reach one; told once it is sent."""
    task, proposal = await _locked(tx, due)
    if task.muted_by is not None or proposal.state not in WAITING:
        return
    proposal = await _address_next(tx, task, proposal)
    unseen = proposal.expires_at is None
    cause = "Slack does not take its card" if unseen else _unanswered(proposal)
    await posts.post_page(tx, task, proposal, cause=cause)


async def _end_page(tx: Tx, due: Due) -> None:
    """Have the pages of a card resolved that need nobody any more."""
    task, proposal = await _locked(tx, due)
    await posts.post_pages_over(tx, task, proposal)


HANDLERS: Mapping[str, Callable[[Tx, Due], Awaitable[None]]] = {
    "reminder": _remind,
    "escalation": _escalate,
    "page": _page,
    "page_over": _end_page,
}


async def _locked(tx: Tx, due: Due) -> tuple[Task, Proposal]:
    seen = await proposals.get(tx, due.id)
    task = await tasks.get(tx, seen.task_id, lock=True)
    return task, await proposals.get(tx, due.id)


async def _address_next(tx: Tx, task: Task, proposal: Proposal) -> Proposal:
    """Ask the next roles too, once: card, root, thread and ledger say so."""
    if not await proposals.escalate(tx, proposal):
        return proposal
    asked, following = " or ".join(proposal.roles), " or ".join(proposal.next_roles)
    await ledger.append(
        tx,
        Event.task_card_escalated,
        actor="sweeper",
        task_id=task.id,
        body={
            "proposal": proposal.id,
            "from": list(proposal.roles),
            "to": list(proposal.next_roles),
            "people": list(proposal.next_people),
        },
    )
    await posts.post_card(tx, proposal.id)
    said = f"{_unanswered(proposal)}: {asked} did not, so {following} may too"
    await posts.post_root(tx, task, next_step=said)
    escalated = await proposals.get(tx, proposal.id)
    if await _speaks(tx, escalated):
        await posts.post_escalation(tx, task, escalated)
    return escalated


async def _speaks(tx: Tx, proposal: Proposal) -> bool:
    """Tell whether it is the first that still waits of those that share its card."""
    if proposal.folded_in is None:
        return True
    waiting = await proposals.list_folded(tx, proposal.task_id, proposal.folded_in)
    return not waiting or waiting[0].id == proposal.id


def _unanswered(proposal: Proposal) -> str:
    if proposal.state is ProposalState.drafted:
        return "nobody has carried it out"
    return "nobody has decided on it"
