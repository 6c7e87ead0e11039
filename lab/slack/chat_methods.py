"""Answer the chat.* methods."""

import json

from lab.json_object import JsonObject
from lab.slack import limits
from lab.slack.arguments import unfurls
from lab.slack.directory import BOT_USER, TEAM_DOMAIN
from lab.slack.message import Message, render_message
from lab.slack.refusal import SlackRefusal
from lab.slack.workspace import Workspace


def post_message(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Take a person's id, too; cut texts at 40,000 characters, as Slack does."""
    asked = arguments.get("channel")
    channel = (workspace.direct(asked) or workspace.channel(asked)).channel_id
    text, blocks = workspace.content_of(arguments)
    message = workspace.say(
        Message(
            channel=channel,
            ts="",
            user=BOT_USER,
            text=text[: limits.TEXT_CHARACTERS],
            blocks=blocks,
            thread_ts=root_ts(workspace, channel, arguments.get("thread_ts")),
            metadata=checked_metadata(arguments.get("metadata")),
            unfurls=unfurls(arguments),
        )
    )
    return {
        "ok": True,
        "channel": channel,
        "ts": message.ts,
        "message": render_message(message, []),
    }


def update(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = workspace.channel(arguments.get("channel")).channel_id
    message = workspace.message(channel, arguments.get("ts"))
    if message.user != BOT_USER or message.only_for is not None:
        raise SlackRefusal("cant_update_message")
    if len(str(arguments.get("text") or "")) > limits.TEXT_CHARACTERS:
        raise SlackRefusal("msg_too_long")
    metadata = checked_metadata(arguments.get("metadata"))
    workspace.edit(message, arguments)
    if metadata is not None:
        message.metadata = metadata
    return {
        "ok": True,
        "channel": channel,
        "ts": message.ts,
        "text": message.text,
        "message": render_message(message, workspace.messages.replies(message)),
    }


def post_ephemeral(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = workspace.channel(arguments.get("channel")).channel_id
    person = workspace.person(arguments.get("user")).user_id
    if (person, channel) in workspace.left:
        raise SlackRefusal("user_not_in_channel")
    if len(str(arguments.get("text") or "")) > limits.TEXT_CHARACTERS:
        raise SlackRefusal("msg_too_long")
    message = workspace.say_from_app(
        arguments,
        channel=channel,
        thread_ts=root_ts(workspace, channel, arguments.get("thread_ts")),
        only_for=person,
    )
    return {"ok": True, "message_ts": message.ts}


def get_permalink(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = workspace.channel(arguments.get("channel")).channel_id
    message = workspace.message(channel, arguments.get("message_ts"))
    link = (
        f"https://{TEAM_DOMAIN}.slack.com/archives/{channel}"
        f"/p{message.ts.replace('.', '')}"
    )
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel}"
    return {"ok": True, "channel": channel, "permalink": link}


def root_ts(workspace: Workspace, channel: str, thread_ts: object) -> str | None:
    """Resolve a reply's `ts` to that of its root.

    Raises: SlackRefusal `thread_not_found`.
    """
    if not thread_ts:
        return None
    parent = workspace.messages.find(channel, str(thread_ts))
    if parent is None or parent.only_for is not None:
        raise SlackRefusal("thread_not_found")
    return parent.thread_ts or parent.ts


def checked_metadata(metadata: object) -> JsonObject | None:
    """Refuse `invalid_metadata_format` and `metadata_too_large`."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(
        metadata.get("event_payload"), dict
    ):
        raise SlackRefusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str):
        raise SlackRefusal("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > limits.METADATA_BYTES:
        raise SlackRefusal("metadata_too_large")
    return metadata
