"""A click's work done, or its person told in the channel why not."""

from collections.abc import Awaitable, Callable

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.modals import message_view
from bot.blocks.text import sections
from bot.identity import NotHere
from bot.listeners.payload import Click
from bot.slack_channel import NOT_THERE, SLACK_AWAY
from storage.errors import StorageError

NOT_ALL = "The database is away; not all was stored. Home shows what still waits."
NOT_STORED = "Your click was not stored, the database is away. Please click again."


async def answered(
    click: Click, client: AsyncWebClient, do: Callable[[], Awaitable[str | None]]
) -> None:
    """
    Do it; what it gives, or why it can't be done, is said to the person.

    Raises:
        SlackApiError, aiohttp.ClientError, TimeoutError, OSError: the person can't be
            told. Without our 200, Slack itself marks the button.
    """
    text: str | None
    try:
        text = await do()
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
        await say(click, client, text)
    except (SlackApiError, *SLACK_AWAY) as exc:
        structlog.get_logger().warning("click.unanswered", error=str(exc))
        raise


async def _whisper(click: Click, client: AsyncWebClient, text: str) -> None:
    """Answer where it was clicked; who is not in that channel is told directly."""
    blocks = sections(text.split("\n"))
    try:
        await client.chat_postEphemeral(
            channel=click.channel,
            user=click.user,
            text=text,
            blocks=blocks,
            thread_ts=click.thread_ts or None,
        )
    except SlackApiError as exc:
        if exc.response.get("error") not in NOT_THERE:
            raise
        await client.chat_postMessage(channel=click.user, text=text, blocks=blocks)


async def _in_modal(click: Click, client: AsyncWebClient, text: str) -> None:
    """Answer over what was clicked in and has no channel: a modal, or Home."""
    view = dict(message_view("Ops Autopilot", text))
    if click.in_modal:
        await client.views_push(trigger_id=click.trigger_id, view=view)
        return
    try:
        await client.views_open(trigger_id=click.trigger_id, view=view)
    except SlackApiError:
        # Its trigger is over; a Home shows no mark at its button.
        await client.chat_postMessage(
            channel=click.user, text=text, blocks=sections(text.split("\n"))
        )
