"""What of a thread waits to be sent: which version, and what holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.send_budget import EDIT, POST, WHISPER
from storage.outbox import Post
from storage.threads import Message, Thread

# Root and trace are edited at most once a second: Slack allows about that per channel.
_EDITED = frozenset({"root", "trace"})
_EDIT_SECONDS = 1.0
_HOLD_SECONDS = 0.25


def latest(waiting: Sequence[Post]) -> list[Post]:
    """Keep the highest version of each slot, in the order of sending."""
    highest: dict[str, int] = {}
    for post in waiting:
        highest[post.slot] = max(highest.get(post.slot, 0), post.version)
    tried = {post.slot for post in waiting if post.attempts > 0}
    kept = [post for post in waiting if post.version == highest[post.slot]]
    # An older version that was tried may stand in Slack already: look it up, too.
    return [
        replace(post, attempts=max(1, post.attempts)) if post.slot in tried else post
        for post in kept
    ]


def held(
    waiting: Sequence[Post], known: Mapping[str, Message], now: datetime
) -> Mapping[str, float]:
    """
    Give for how long what was just edited waits; what else waits goes before it.

    A storm changes a root many times a second, a run its trace, and Slack takes about
    one edit of them.
    """
    left = {
        post.slot: _EDIT_SECONDS - (now - known[post.slot].updated_at).total_seconds()
        for post in waiting
        if post.slot in _EDITED and post.slot in known
    }
    # Not longer at once: what a person waits for may come meanwhile.
    return {slot: min(one, _HOLD_SECONDS) for slot, one in left.items() if one > 0}


def is_orphan(post: Post, thread: Thread) -> bool:
    """Tell a reply without a thread: Slack refused the root for good."""
    return post.slot != "root" and post.kind != "answer" and thread.ts is None


def method_of(post: Post, known: Mapping[str, Message]) -> str:
    """Give the method of Slack's that a post weighs on."""
    if post.kind == "answer":
        return WHISPER
    return EDIT if post.slot in known else POST
