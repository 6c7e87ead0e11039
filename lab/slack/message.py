"""Hold one message, as stored and as Slack shows it."""

from dataclasses import dataclass

from lab.json_object import JsonObject
from lab.slack.directory import APP_ID, BOT_ID, BOT_USER, TEAM_ID


@dataclass
class Message:
    """
    `only_for` makes it ephemeral; `is_error` is Slackbot's red note.

    `unfurls`: Slack would fetch what its links name, and show it.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[JsonObject] | None = None
    thread_ts: str | None = None
    metadata: JsonObject | None = None
    edited_ts: str | None = None
    only_for: str | None = None
    is_error: bool = False
    unfurls: bool = False

    @property
    def is_root(self) -> bool:
        return self.thread_ts in (None, self.ts)


def render_message(
    message: Message, replies: list[Message], *, with_metadata: bool = True
) -> JsonObject:
    """Render it; `replies` are a root's, oldest first, and [] for the others."""
    rendered: JsonObject = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": TEAM_ID,
        "text": message.text,
    }
    if message.user == BOT_USER:
        rendered |= {
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "bot_profile": {"id": BOT_ID, "app_id": APP_ID, "name": "Ops Autopilot"},
        }
    if message.blocks is not None:
        rendered["blocks"] = message.blocks
    if message.edited_ts is not None:
        rendered["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.metadata is not None and with_metadata:
        rendered["metadata"] = message.metadata
    return rendered | render_thread(message, replies)


def render_thread(message: Message, replies: list[Message]) -> JsonObject:
    if message.is_root and replies:
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    return {"thread_ts": message.thread_ts} if message.thread_ts else {}
