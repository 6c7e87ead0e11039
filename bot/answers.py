"""
An answer to one person, said where they clicked.

Most click in the task's thread, and are whispered to there. A message that was an
answer itself is replaced, so that no button stays on what is decided; once its address
is over, the answer stands below it. Who is not in the channel is told directly.
"""

from collections.abc import Mapping

import structlog

from bot.blocks.render import render
from bot.blocks.root import Rendered
from bot.origin import CLICKED_IN, Origin, read_origin
from bot.slack_channel import NOT_THERE, Key, SlackChannel, SlackRefused
from storage.outbox import Post
from storage.threads import Thread

_DIRECT = "D"
_WHISPERED_ONLY = (
    "What stands behind the placeholders is only whispered in the channel of its card, "
    "and you are not in it. Join <#{channel}>, then click again."
)


async def say_answer(
    slack: SlackChannel,
    waiting: Post,
    thread: Thread,
    facts: Mapping[str, object],
    now: float,
) -> None:
    """
    Say it; ``facts`` are the row's, with what was sealed opened.

    Raises:
        SlackAway: it could not be said now.
        SlackRefused: nobody can be told; the person is gone.
    """
    message, user = render(waiting.kind, facts), str(facts["user"])
    is_sealed = "sealed" in waiting.payload
    origin = read_origin(facts.get(CLICKED_IN))
    replaces = origin and origin.is_fresh(now) and not is_sealed
    if origin and replaces and await _replaced(slack, origin, message):
        return
    channel, thread_ts = thread.channel, thread.ts
    if origin and origin.channel not in {"", thread.channel}:
        channel, thread_ts = origin.channel, origin.thread_ts or None
    key = Key(str(waiting.task_id), waiting.slot)
    if channel.startswith(_DIRECT) and not is_sealed:
        await slack.post(user, message, thread_ts=None, key=key)
        return
    if channel.startswith(_DIRECT):
        # A direct message stays; its card's channel is where it is whispered.
        channel, thread_ts = thread.channel, thread.ts
    try:
        await slack.whisper(channel, user, message, thread_ts=thread_ts)
    except SlackRefused as exc:
        if exc.code not in NOT_THERE:
            raise
        if is_sealed:
            said = _WHISPERED_ONLY.format(channel=channel)
            message = Rendered(said, render("answer", {"text": said}).blocks)
        await slack.post(user, message, thread_ts=None, key=key)


async def _replaced(slack: SlackChannel, origin: Origin, message: Rendered) -> bool:
    """Tell whether the answer now stands where the buttons were."""
    try:
        await slack.replace(origin.url, message)
    except SlackRefused as exc:
        structlog.get_logger().warning("answer.not_replaced", error=str(exc))
        return False
    return True
