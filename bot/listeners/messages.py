"""
Mentions and direct messages: the same words as after ``/ops``, answered where they are.

Slack may deliver an event more than once, and both as a mention and as a message, so
what was said is told apart by channel and ts, and answered once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.text import mapping_of
from bot.commands.command import Asked, Said
from bot.commands.registry import Registry
from bot.identity import NotHere, find_scopes
from bot.metrics import Metrics
from bot.slack_channel import SLACK_AWAY
from policy.scope import Scope
from storage import inbox, tasks, threads
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task

_MENTION = re.compile(r"^\s*(<@[A-Z0-9]+(\|[^>]*)?>\s*)+")
# Slack escapes these three in what people type.
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_MOST_WORDS = 3000


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person's; ``thread_ts`` is empty outside of a thread."""

    user: str
    channel: str
    ts: str
    thread_ts: str
    words: str
    direct: bool

    @staticmethod
    def read(event: Mapping[str, object]) -> "Message | None":
        """Read an event; None for what no person wrote, or wrote anew."""
        if event.get("subtype") or event.get("bot_id") or not event.get("user"):
            return None
        text = _MENTION.sub("", str(event.get("text") or ""))[:_MOST_WORDS]
        for escaped, plain in _ESCAPED:
            text = text.replace(escaped, plain)
        return Message(
            user=str(event["user"]),
            channel=str(event.get("channel", "")),
            ts=str(event.get("ts", "")),
            thread_ts=str(event.get("thread_ts") or ""),
            words=text.strip(),
            direct=event.get("channel_type") == "im",
        )


@dataclass(frozen=True, slots=True)
class Messages:
    """The listeners, over their process's database."""

    database: Database
    metrics: Metrics
    registry: Registry

    def register(self, app: AsyncApp) -> None:
        app.event("app_mention")(self.mentioned)
        app.event("message")(self.written)

    async def mentioned(self, body: dict[str, object], client: AsyncWebClient) -> None:
        message = Message.read(mapping_of(body.get("event")))
        if message is not None:
            await self._answer(message, body, client)

    async def written(self, body: dict[str, object], client: AsyncWebClient) -> None:
        """Take direct messages; what is said in channels is none of ours."""
        message = Message.read(mapping_of(body.get("event")))
        if message is not None and message.direct:
            await self._answer(message, body, client)

    async def _answer(
        self, message: Message, body: Mapping[str, object], client: AsyncWebClient
    ) -> None:
        self.metrics.clicks.labels(kind="message").inc()
        log = structlog.get_logger()
        try:
            said = await self._said(message, str(body.get("team_id", "")))
        except NotHere as exc:
            said = Said(str(exc))
        except StorageError as exc:
            log.warning("message.not_stored", error=str(exc))
            said = Said("The database is away, so nothing was done. Please repeat.")
        if said is None:
            return
        try:
            await _send(client, message, said)
        except (SlackApiError, *SLACK_AWAY) as exc:
            log.warning("message.unanswered", error=str(exc))

    async def _said(self, message: Message, team: str) -> Said | None:
        scopes = await find_scopes(self.database, team)
        if not await self._is_new(message, scopes[0]):
            return None
        return await self.registry.answer(
            Asked(
                words=message.words,
                user=message.user,
                person=self.registry.people.find_by_slack(message.user),
                scopes=scopes,
                key=f"message:{message.channel}:{message.ts}:do",
                here=await self._task_of(message, scopes),
            )
        )

    async def _is_new(self, message: Message, scope: Scope) -> bool:
        """Keep that it came, without a word of what was said."""
        delivery = Delivery(
            source="slack",
            delivery_id=f"message:{message.channel}:{message.ts}",
            kind="message",
            payload={"user": message.user},
            state="done",
        )
        async with self.database.transaction(scope, Step.store_click) as tx:
            return await inbox.receive(tx, delivery) is not None

    async def _task_of(self, message: Message, scopes: Sequence[Scope]) -> Task | None:
        """Find the task in whose thread it was said."""
        if not message.thread_ts:
            return None
        for scope in scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                found = await threads.find_task(tx, message.channel, message.thread_ts)
                if found is not None:
                    return await tasks.get(tx, found)
        return None


async def _send(client: AsyncWebClient, message: Message, said: Said) -> None:
    """A mention is answered for its person alone, a direct message in its place."""
    thread, blocks = message.thread_ts or None, said.shown
    if message.direct:
        await client.chat_postMessage(
            channel=message.channel,
            text=said.text,
            blocks=blocks,
            thread_ts=thread,
            unfurl_links=False,
            unfurl_media=False,
        )
    else:
        await client.chat_postEphemeral(
            channel=message.channel,
            user=message.user,
            text=said.text,
            blocks=blocks,
            thread_ts=thread,
        )
