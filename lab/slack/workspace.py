"""Hold the workspace: directory, messages, views, triggers and response URLs.

Theory of operation: everything lives in memory, in one event loop; whoever changes
something announces it, and the page and the state file follow. The Web API (what the
app does), the persons (what people do) and the courier (what Slack tells the app) meet
here and nowhere else.
"""

from dataclasses import dataclass, field

from lab.changes import ChangeFeed
from lab.clock import Clock
from lab.json_object import JsonObject
from lab.slack.arguments import unfurls
from lab.slack.block_rules import check_message_blocks
from lab.slack.directory import (
    BOT_USER,
    SCOPES,
    Channel,
    Person,
    channels,
    people,
)
from lab.slack.elements import with_ids
from lab.slack.files import Files
from lab.slack.message import Message
from lab.slack.messages import Messages
from lab.slack.rates import Rates
from lab.slack.refusal import SlackRefusal
from lab.slack.response_urls import ResponseUrls
from lab.slack.trigger_book import TriggerBook
from lab.slack.views import Views


@dataclass
class Workspace:
    clock: Clock
    changes: ChangeFeed
    response_urls: ResponseUrls
    people: dict[str, Person] = field(default_factory=people)
    channels: dict[str, Channel] = field(default_factory=channels)
    messages: Messages = field(default_factory=Messages)
    views: Views = field(default_factory=Views)
    files: Files = field(default_factory=Files)
    triggers: TriggerBook = field(default_factory=TriggerBook)
    rates: Rates = field(default_factory=Rates)
    # Person and channel that they are no member of; all others are in every channel.
    left: set[tuple[str, str]] = field(default_factory=set)
    # What the app's token may do, with commas between.
    scopes: str = SCOPES

    def channel(self, channel_id: object) -> Channel:
        """Take an id or a `#name`, but no person's id.

        Raises: SlackRefusal `channel_not_found`.
        """
        for channel in self.channels.values():
            if channel_id in (channel.channel_id, f"#{channel.name}"):
                return channel
        raise SlackRefusal("channel_not_found")

    def direct(self, user_id: object) -> Channel | None:
        """Find a person's direct message with the app."""
        for channel in self.channels.values():
            if channel.owner and channel.owner == user_id:
                return channel
        return None

    def person(self, user_id: object) -> Person:
        """Find a person; refuse `user_not_found`."""
        if user_id not in self.people:
            raise SlackRefusal("user_not_found")
        return self.people[str(user_id)]

    def message(self, channel: str, ts: object) -> Message:
        """Find a message; refuse `message_not_found`."""
        message = self.messages.find(channel, str(ts))
        if message is None:
            raise SlackRefusal("message_not_found")
        return message

    def say(self, draft: Message) -> Message:
        message = self.messages.append(draft, now=self.clock())
        self.changes.announce()
        return message

    def say_from_app(
        self,
        content: JsonObject,
        *,
        channel: str,
        thread_ts: str | None,
        only_for: str | None = None,
    ) -> Message:
        """Post `text` and `blocks` of `content` as the bot.

        Raises: SlackRefusal, as chat.postMessage would.
        """
        text, blocks = self.content_of(content)
        return self.say(
            Message(
                channel=channel,
                ts="",
                user=BOT_USER,
                text=text,
                blocks=blocks,
                thread_ts=thread_ts,
                only_for=only_for,
                unfurls=unfurls(content),
            )
        )

    def edit(self, message: Message, content: JsonObject) -> None:
        """Text without blocks takes the blocks away, as in chat.update."""
        message.text, message.blocks = self.content_of(content)
        message.edited_ts = f"{self.clock():.6f}"
        self.messages.updates += 1
        self.changes.announce()

    def content_of(self, content: JsonObject) -> tuple[str, list[JsonObject] | None]:
        """Check text and blocks; refuse `no_text` and what is wrong with blocks."""
        text, blocks = str(content.get("text") or ""), content.get("blocks")
        checked = with_ids(check_message_blocks(blocks)) if blocks else None
        if not text and checked is None:
            raise SlackRefusal("no_text")
        for block in checked or ():
            named = block.get("slack_file")
            if named is not None and self.files.find(named.get("id")) is None:
                raise SlackRefusal("invalid_blocks", "[ERROR] invalid slack file")
        return text, checked
