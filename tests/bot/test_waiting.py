"""What of a thread waits to be sent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.send_budget import EDIT, POST, WHISPER
from bot.waiting import held, is_orphan, latest, method_of
from storage.outbox import Lane, Post
from storage.threads import Message, Thread

NOW = datetime(2026, 11, 27, tzinfo=UTC)
TASK = UUID(int=1)


def post(slot: str, version: int = 1, *, kind: str = "root", attempts: int = 0) -> Post:
    return Post(
        id=UUID(int=version),
        task_id=TASK,
        slot=slot,
        version=version,
        kind=kind,
        lane=Lane.state,
        payload={},
        state="pending",
        attempts=attempts,
        created_at=NOW,
    )


def stands(slot: str, *, seconds_ago: float) -> dict[str, Message]:
    """Give a slot that was sent so long ago."""
    at = NOW - timedelta(seconds=seconds_ago)
    return {slot: Message(slot, "C0OPS", "1.0", 1, at)}


def test_the_newest_version_is_sent_and_remembers_an_older_try() -> None:
    """What was tried may stand in Slack: it is looked up before it is posted."""
    [kept] = latest([post("root", 1, attempts=2), post("root", 2)])

    assert (2, 1) == (kept.version, kept.attempts)


def test_a_slot_that_was_just_edited_is_held_and_no_other() -> None:
    """Root and trace alone, for a second."""
    waiting = [post("root", 2), post("trace", 2), post("card", 2, kind="card")]
    known = {
        **stands("root", seconds_ago=0.9),
        **stands("trace", seconds_ago=1.1),
        **stands("card", seconds_ago=0.1),
    }
    found = held(waiting, known, NOW)

    assert ["root"] == list(found)
    assert 0 < found["root"] <= 0.25


def test_a_reply_without_a_thread_is_an_orphan() -> None:
    """A root is none, nor what is for one person."""
    thread = Thread(TASK, "C0OPS", None)
    found = [
        is_orphan(one, thread)
        for one in (post("root"), post("card"), post("answer:1", kind="answer"))
    ]

    assert [False, True, False] == found


def test_each_post_weighs_on_its_method() -> None:
    """What stands is edited; an answer is whispered."""
    known = stands("root", seconds_ago=5)
    found = [
        method_of(one, known)
        for one in (post("root", 2), post("card"), post("answer:1", kind="answer"))
    ]

    assert [EDIT, POST, WHISPER] == found
