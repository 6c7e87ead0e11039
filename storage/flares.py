"""New words in a thread whose task grew worse: an edit of its root pings nobody."""

from enum import StrEnum

from storage import outbox
from storage.canonical import plain
from storage.database import Tx
from storage.outbox import Lane, NewPost
from storage.tasks import Task


class Why(StrEnum):
    """What is worse: it is critical by now, or fires again after all was quiet."""

    critical = "critical"
    again = "again"


async def post_flare(tx: Tx, task: Task, why: Why, *, episode: str) -> None:
    """
    Address an open task's people, once for each reason and episode.

    Nothing where somebody muted it, or where it has no thread yet. The caller holds
    the task.
    """
    slot = f"flare:{why}:{episode}"
    if task.muted_by or task.opens_at or await outbox.holds(tx, task.id, slot):
        return
    facts = {
        "why": why,
        "title": task.title,
        "severity": task.severity,
        "service": task.service,
        "owner": task.takeover_by,
        "people": task.addressed,
        "alerts": task.alerts,
    }
    await outbox.post(tx, NewPost(task.id, slot, "flare", plain(facts), Lane.state))
