"""
The one place through which a message goes to Slack: nothing in it is ever unfurled.

Slack would fetch what a link names, and tell its owner what stands in the address. Both
flags have to be false: one alone does not do where there are blocks.
"""

from collections.abc import Mapping, Sequence

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbound.client import OutboundClient

Blocks = Sequence[Mapping[str, object]]


async def post(
    client: OutboundClient,
    channel: str,
    text: str,
    blocks: Blocks | None,
    *,
    thread_ts: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> AsyncSlackResponse:
    """
    Post for all who are in ``channel``, or to a person by their id.

    Raises:
        SlackApiError, aiohttp.ClientError, TimeoutError, OSError: Slack took none.
    """
    fields = _fields(channel, text, blocks, thread_ts)
    more = {} if metadata is None else {"metadata": metadata}
    return await client.api_call("chat.postMessage", json=fields | more)


async def whisper(
    client: OutboundClient,
    channel: str,
    user: str,
    text: str,
    blocks: Blocks | None,
    *,
    thread_ts: str | None = None,
) -> AsyncSlackResponse:
    """Post for one person's eyes; raises as ``post`` does."""
    fields = _fields(channel, text, blocks, thread_ts) | {"user": user}
    return await client.api_call("chat.postEphemeral", json=fields)


def replacement(text: str, blocks: Blocks | None) -> dict[str, object]:
    """Give what stands instead of the message of a click, for its response_url."""
    content = {"replace_original": True, "text": text, "blocks": blocks}
    return content | _unfurled_nowhere()


def addition(text: str, blocks: Blocks | None) -> dict[str, object]:
    """Give what one person is told beside what stands, for their response_url."""
    content = {"replace_original": False, "response_type": "ephemeral", "text": text}
    return content | {"blocks": blocks} | _unfurled_nowhere()


def _fields(
    channel: str, text: str, blocks: Blocks | None, thread_ts: str | None
) -> dict[str, object]:
    given = {
        "channel": channel,
        "text": text,
        "blocks": blocks,
        "thread_ts": thread_ts,
    } | _unfurled_nowhere()
    return {name: value for name, value in given.items() if value is not None}


def _unfurled_nowhere() -> dict[str, object]:
    return {"unfurl_links": False, "unfurl_media": False}
