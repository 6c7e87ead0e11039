"""Answer the conversations.* methods."""

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from lab.json_object import JsonObject
from lab.slack.arguments import flag, whole_number
from lab.slack.directory import render_channel
from lab.slack.message import Message, render_message
from lab.slack.refusal import SlackRefusal
from lab.slack.workspace import Workspace

Item = TypeVar("Item")
MOST_ITEMS = 999


def list_channels(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Direct messages are listed where `types` names `im`."""
    types = str(arguments.get("types") or "public_channel").split(",")
    listed = [
        render_channel(channel, len(workspace.people))
        for channel in workspace.channels.values()
        if ("im" if channel.is_direct else "public_channel") in types
    ]
    page, cursor = page_of(listed, arguments)
    return {
        "ok": True,
        "channels": page,
        "response_metadata": {"next_cursor": cursor},
    }


def inspect(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = workspace.channel(arguments.get("channel"))
    return {"ok": True, "channel": render_channel(channel, len(workspace.people))}


def join(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    return {
        **inspect(workspace, arguments),
        "warning": "already_in_channel",
        "response_metadata": {"warnings": ["already_in_channel"]},
    }


def open_direct(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Give the id of one person's direct message, which no other method does."""
    if "im:write" not in workspace.scopes.split(","):
        raise SlackRefusal("missing_scope")
    channel = workspace.direct(arguments.get("users"))
    if channel is None:
        raise SlackRefusal("user_not_found")
    return {"ok": True, "channel": {"id": channel.channel_id}}


def history(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Root messages, newest first."""
    channel = workspace.channel(arguments.get("channel")).channel_id
    return page_of_messages(workspace, workspace.messages.roots(channel), arguments)


def replies(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Answer the root, then its replies, oldest first."""
    channel = workspace.channel(arguments.get("channel")).channel_id
    found = workspace.messages.find(channel, str(arguments.get("ts")))
    if found is None or found.only_for is not None:
        raise SlackRefusal("thread_not_found")
    root = workspace.messages.find(channel, found.thread_ts or found.ts) or found
    thread = [root, *workspace.messages.replies(root)]
    return page_of_messages(workspace, thread, arguments)


def page_of_messages(
    workspace: Workspace, messages: list[Message], arguments: JsonObject
) -> JsonObject:
    wanted = within(messages, arguments)
    page, cursor = page_of(wanted, arguments)
    with_metadata = flag(arguments, "include_all_metadata")
    body: JsonObject = {
        "ok": True,
        "messages": [
            render_message(
                message,
                workspace.messages.replies(message) if message.is_root else [],
                with_metadata=with_metadata,
            )
            for message in page
        ],
        "has_more": bool(cursor),
    }
    if cursor:
        body["response_metadata"] = {"next_cursor": cursor}
    return body


def within(messages: list[Message], arguments: JsonObject) -> list[Message]:
    """`inclusive` counts for both ends, as in Slack."""
    oldest = instant(arguments.get("oldest"), "invalid_ts_oldest")
    latest = instant(arguments.get("latest"), "invalid_ts_latest")
    inclusive = flag(arguments, "inclusive")

    def is_within(message: Message) -> bool:
        ts = Decimal(message.ts)
        if inclusive and ts in (oldest, latest):
            return True
        return (oldest is None or ts > oldest) and (latest is None or ts < latest)

    return [message for message in messages if is_within(message)]


def instant(value: object, code: str) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as invalid:
        raise SlackRefusal(code) from invalid


def page_of(items: list[Item], arguments: JsonObject) -> tuple[list[Item], str]:
    """Return a page and the cursor of the next one, empty at the end."""
    limit = whole_number(arguments, "limit", 100)
    if not 1 <= limit <= MOST_ITEMS:
        raise SlackRefusal("invalid_limit")
    start = read_cursor(arguments.get("cursor"))
    end = start + limit
    return items[start:end], write_cursor(end) if end < len(items) else ""


def write_cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def read_cursor(cursor: object) -> int:
    if not cursor:
        return 0
    try:
        text = base64.b64decode(str(cursor), validate=True).decode()
        return max(0, int(text.removeprefix("next:")))
    except (binascii.Error, ValueError) as invalid:
        raise SlackRefusal("invalid_cursor") from invalid
