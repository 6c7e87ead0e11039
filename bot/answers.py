"""
An answer to one person, said where they clicked or typed.

Most click in the task's thread, and are whispered to there. A message that showed one
card is replaced by what was decided, so that no button stays; below one of several
cards, or once its address is over, the answer stands beside it. Who is not in the
channel is told directly; so is who typed in a talk that the app has no part in.
"""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from bot.blocks.render import render
from bot.blocks.root import Rendered
from bot.direct import Direct
from bot.origin import CLICKED_IN, Kind, Origin, read_origin
from bot.slack_channel import (
    NOT_THERE,
    SlackAway,
    SlackChannel,
    SlackRefused,
)
from storage.outbox import Post
from storage.threads import Thread

_DIRECT = "D"
# Slack answers some things for good with words that nobody wrote down.
_WHISPERS = 3
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
    # What else stands in a message of several cards, answers too, is not wiped away.
    alone = origin and origin.is_fresh(now) and not (origin.others or is_sealed)
    if origin and alone and await _replaced(slack, origin, message):
        return
    channel, thread_ts = thread.channel, thread.ts
    is_typed = origin is not None and origin.kind is Kind.typed
    if origin and (is_typed or origin.channel not in {"", thread.channel}):
        channel, thread_ts = origin.channel, origin.thread_ts or None
    direct = Direct(slack, waiting, user, was_tried=waiting.attempts > 0)
    if channel.startswith(_DIRECT) and is_sealed:
        # A direct message stays; its card's channel is where it is whispered.
        channel, thread_ts = thread.channel, thread.ts
    try:
        if channel.startswith(_DIRECT):
            await replace(direct, channel=channel, thread_ts=thread_ts).post(message)
        else:
            await slack.whisper(channel, user, message, thread_ts=thread_ts)
    except (SlackRefused, SlackAway) as exc:
        if not _is_nowhere(exc, waiting):
            raise
        if is_sealed:
            said = _WHISPERED_ONLY.format(channel=channel)
            message = Rendered(said, render("answer", {"text": said}).blocks)
        await direct.post(message)


def _is_nowhere(exc: SlackRefused | SlackAway, waiting: Post) -> bool:
    """Tell whether nobody is reached there, by Slack's word once or again and again."""
    if isinstance(exc, SlackRefused):
        return exc.code in NOT_THERE
    return bool(exc.code) and waiting.attempts >= _WHISPERS


async def _replaced(slack: SlackChannel, origin: Origin, message: Rendered) -> bool:
    """Tell whether the answer now stands where the buttons were."""
    try:
        await slack.replace(origin.url, message)
    except (SlackRefused, SlackAway) as exc:
        # The address is a courtesy: the task's thread does not wait for it.
        structlog.get_logger().warning("answer.not_replaced", error=str(exc))
        return False
    return True
