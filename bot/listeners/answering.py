"""A click's work done, or its person told in the channel why not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError

from bot import posting
from bot.blocks.modals import message_view
from bot.blocks.text import sections
from bot.identity import NotHere
from bot.listeners.payload import Click
from bot.outbound.client import OutboundClient
from bot.slack_channel import NOT_THERE, SLACK_AWAY
from storage.errors import StorageError

NOT_ALL = "The database is away; not all was stored. Home shows what still waits."
NOT_SENT = (
    "The database is away; whether this was stored is not known. Please send it again: "
    "the same counts once."
)
NOT_ALL_SENT = (
    "The database is away; what was stored of it stands. Please send it again for the "
    "rest."
)
# Slack takes our answer for three seconds: it does not wait for what we tell besides.
TELL_SECONDS = 1.5
# An input that each of our forms but one has: Slack shows errors at inputs alone.
WORDS = "comment"
NOT_STORED = "Your click was not stored, the database is away. Please click again."


@dataclass(frozen=True, slots=True)
class Shown:
    """What was done, in words; its thread shows it as well."""

    text: str


async def answered(
    click: Click,
    client: OutboundClient,
    do: Callable[[], Awaitable["str | Shown | None"]],
) -> None:
    """
    Do it; what it gives, or why it can't be done, is said to the person.

    What was done and shows in the thread too (``Shown``) is answered in time, though
    Slack is slow to take what is said of it. Nothing else ends in silence, unless the
    process is killed.

    Raises:
        SlackApiError, aiohttp.ClientError, TimeoutError, OSError: the person can't be
            told. Without our 200, Slack itself marks the button; where that was given
            by then, ``InTime`` tells them.
    """
    text: str | None
    is_shown = False
    try:
        found = await do()
        is_shown = isinstance(found, Shown)
        text = found.text if isinstance(found, Shown) else found
    except NotHere as exc:
        text = str(exc)
    except StorageError as exc:
        structlog.get_logger().warning("click.not_stored", error=str(exc))
        text = NOT_STORED
    except SlackApiError as exc:
        code = str(exc.response.get("error"))
        structlog.get_logger().warning("click.slack_refused", code=code)
        text = f"Slack did not open that ({code}). Please click again."
    except SLACK_AWAY as exc:
        structlog.get_logger().warning("click.slack_away", error=str(exc))
        text = "Slack did not open that. Please click again."
    if not text:
        return
    say = _whisper if click.channel else _in_modal
    try:
        async with asyncio.timeout(TELL_SECONDS):
            await say(click, client, text)
    except TimeoutError as exc:
        structlog.get_logger().warning("click.told_late", error=str(exc))
        if not is_shown:
            raise
    except (SlackApiError, *SLACK_AWAY) as exc:
        structlog.get_logger().warning("click.unanswered", error=str(exc))
        raise


async def keep_open(ack: AsyncAck, text: str, block: str = WORDS) -> None:
    """Answer a form so that it stays, with all that was typed into it."""
    await ack(response_action="errors", errors={block: text})


async def _whisper(click: Click, client: OutboundClient, text: str) -> None:
    """Answer where it was clicked; who is not in that channel is told directly."""
    blocks = sections(text.split("\n"))
    try:
        thread_ts = click.thread_ts or None
        await posting.whisper(
            client, click.channel, click.user, text, blocks, thread_ts=thread_ts
        )
    except SlackApiError as exc:
        if exc.response.get("error") not in NOT_THERE:
            raise
        await posting.post(client, click.user, text, blocks)


async def _in_modal(click: Click, client: OutboundClient, text: str) -> None:
    """Answer over what was clicked in and has no channel: a modal, or Home."""
    view = dict(message_view("Ops Autopilot", text))
    if click.in_modal:
        await client.views_push(trigger_id=click.trigger_id, view=view)
        return
    try:
        await client.views_open(trigger_id=click.trigger_id, view=view)
    except SlackApiError:
        # Its trigger is over; a Home shows no mark at its button.
        await posting.post(client, click.user, text, sections(text.split("\n")))
