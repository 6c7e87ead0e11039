"""Reminders as they are sent: of what waits by now, and of nothing else."""

from dataclasses import replace
from uuid import UUID

from storage import posts, proposals, tasks
from storage.canonical import plain
from storage.database import Tx
from storage.outbox import Post
from storage.proposals import WAITING


async def as_it_stands(tx: Tx, waiting: Post) -> tuple[Post, bool]:
    """
    Give a reminder with its card as it is by now, and whether somebody needs it.

    Of a card that several share it speaks for the first that waits. That somebody was
    called is news of its own. Who was muted or is decided needs none.
    """
    card = await proposals.get(tx, UUID(str(waiting.payload["proposal_id"])))
    if card.folded_in is not None:
        alike = await proposals.list_folded(tx, card.task_id, card.folded_in)
        card = alike[0] if alike else card
    task = await tasks.get(tx, waiting.task_id)
    told = waiting.payload
    # Why a card asks once more is told in a muted thread, too.
    waits = card.state in WAITING and bool(
        task.muted_by is None or told.get("asked_anew")
    )
    facts = {**told, **plain(posts.facts_of(card))}
    if facts["proposal_id"] != told["proposal_id"]:
        facts["votes"] = []
    return replace(waiting, payload=facts), waits or bool(told.get("paged"))
