"""What came of a click, told to its person where they clicked."""

from uuid import UUID

from storage import inbox, outbox, proposals
from storage.database import Tx
from storage.outbox import Lane, NewPost


async def post_answer(
    tx: Tx, task_id: UUID, *, inbox_id: UUID, user: str, text: str, sealed: str = ""
) -> None:
    """
    Answer one person, where they look, for their eyes alone.

    ``sealed`` is more that the courier alone can read. What was clicked in Home is
    answered there, by the web process.
    """
    origin = await inbox.find_origin(tx, inbox_id)
    facts: dict[str, object] = {"user": user, "text": text}
    if sealed:
        facts["sealed"] = sealed
    if origin:
        about = await proposals.get(tx, UUID(str(origin["about"])))
        facts |= {"clicked_in": origin, "about": about.title, "at": tx.now.timestamp()}
    is_home = origin.get("kind") == "home" and not sealed
    await outbox.post(
        tx,
        NewPost(
            task_id,
            f"answer:{inbox_id}",
            "answer",
            facts,
            Lane.decision,
            "home" if is_home else "slack",
        ),
    )
