"""
Mentions and direct messages: the same words as after ``/ops``, answered where they are.

Slack may deliver an event more than once, and both as a mention and as a message, so
what was said is told apart by channel and ts, and answered once. Until it was answered
it stands as begun: if the process dies before, or Slack takes no answer, the event gets
no 200, and Slack's next try does it. A command has its key, so what was done is not
done again; a freeze or a thaw has none, and its person is asked to look instead.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from bot import posting
from bot.blocks.opening import unescaped
from bot.blocks.text import mapping_of
from bot.commands.command import Asked, Needs, Said
from bot.commands.registry import Registry
from bot.identity import NotHere, find_scopes
from bot.metrics import Metrics
from bot.origin import Kind, Origin
from bot.outbound.client import OutboundClient
from bot.slack_channel import SLACK_AWAY, is_away
from policy.scope import Scope
from storage import inbox, tasks, threads
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Begun, Delivery
from storage.steps import Step
from storage.tasks import Task

_FIRST_MENTION = re.compile(r"\s*<@([A-Z0-9]+)(?:\|[^>]*)?>")
_MENTION = re.compile(r"^\s*(<@[A-Z0-9]+(\|[^>]*)?>\s*)+")
_MOST_WORDS = 3000
# Subtypes of what a person has just said; others tell of edits, joins and the like.
_NEW = frozenset({None, "", "file_share", "thread_broadcast"})
# Slack sends again after one minute what nobody has answered.
_LEASE_SECONDS = 30.0
_AWAY = (
    "The database does not answer, so it isn't known whether that was done. Look at"
    " `/ops tasks` before you repeat it."
)
_BUG = (
    "Something went wrong here. `/ops tasks` and `/ops` show how things stand; look "
    "before you repeat it."
)
_UNSURE = (
    "That broke off, and it is not known whether it was done. `/ops` shows what is "
    "frozen; please look, then repeat it."
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person's; ``thread_ts`` is empty outside of a thread."""

    user: str
    channel: str
    ts: str
    thread_ts: str
    words: str
    direct: bool

    @property
    def key(self) -> str:
        """Name what was said, however often it is delivered."""
        return f"message:{self.channel}:{self.ts}"

    @staticmethod
    def read(event: Mapping[str, object]) -> "Message | None":
        """Read an event; None for what no person wrote, or wrote anew."""
        is_new = event.get("subtype") in _NEW
        if not is_new or event.get("bot_id") or not event.get("user"):
            return None
        text = _MENTION.sub("", str(event.get("text") or ""))[:_MOST_WORDS]
        return Message(
            user=str(event["user"]),
            channel=str(event.get("channel", "")),
            ts=str(event.get("ts", "")),
            thread_ts=str(event.get("thread_ts") or ""),
            words=unescaped(text).strip(),
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

    async def mentioned(
        self, body: dict[str, object], client: OutboundClient
    ) -> BoltResponse | None:
        event = mapping_of(body.get("event"))
        message = Message.read(event)
        if message is None or not _begins_with_us(str(event.get("text") or ""), body):
            # A sentence that names us is no command, whatever its first word.
            return None
        return await self._take(message, body, client)

    async def written(
        self, body: dict[str, object], client: OutboundClient
    ) -> BoltResponse | None:
        """Take direct messages; what is said in channels is none of ours."""
        message = Message.read(mapping_of(body.get("event")))
        if message is None or not message.direct:
            return None
        return await self._take(message, body, client)

    async def _take(
        self, message: Message, body: Mapping[str, object], client: OutboundClient
    ) -> BoltResponse | None:
        self.metrics.clicks.labels(kind="message").inc()
        try:
            scopes = await find_scopes(self.database, str(body.get("team_id", "")))
            async with self.database.transaction(scopes[0], Step.store_click) as tx:
                begun = await inbox.begin(
                    tx, _delivery(message), seconds=_LEASE_SECONDS
                )
        except NotHere as exc:
            return _status(await _send(client, message, Said(str(exc))))
        except StorageError as exc:
            structlog.get_logger().warning("message.not_stored", error=str(exc))
            return _status(await _send(client, message, Said(_AWAY)))
        if begun in {Begun.busy, Begun.done}:
            return _status(begun is Begun.done)
        said = await self._said(message, scopes, is_again=begun is Begun.again)
        answered = await _send(client, message, said)
        await self._finish(message, scopes[0], answered=answered)
        return _status(answered)

    async def _said(
        self, message: Message, scopes: Sequence[Scope], *, is_again: bool
    ) -> Said:
        log = structlog.get_logger()
        command = self.registry.find(message.words)
        if is_again and command is not None and command.needs is Needs.switch:
            return Said(_UNSURE)
        try:
            return await self._answer(message, scopes)
        except StorageError as exc:
            log.warning("message.not_stored", error=str(exc))
            return Said(_AWAY)
        except Exception:  # Nobody foresaw it: the person is told, and may look.
            log.exception("message.bug")
            return Said(_BUG)

    async def _answer(self, message: Message, scopes: Sequence[Scope]) -> Said:
        return await self.registry.answer(
            Asked(
                words=message.words,
                user=message.user,
                person=self.registry.people.find_by_slack(message.user),
                scopes=scopes,
                key=f"{message.key}:do",
                here=await self._task_of(message, scopes),
                origin=Origin(
                    Kind.typed, channel=message.channel, thread_ts=message.thread_ts
                ),
            )
        )

    async def _finish(self, message: Message, scope: Scope, *, answered: bool) -> None:
        try:
            async with self.database.transaction(scope, Step.store_click) as tx:
                await inbox.finish(tx, _delivery(message), answered=answered)
        except StorageError as exc:
            structlog.get_logger().warning("message.not_finished", error=str(exc))

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


def _begins_with_us(text: str, body: Mapping[str, object]) -> bool:
    """Tell what is said to us, by the id that Slack names with each event."""
    given = body.get("authorizations")
    rows = [mapping_of(one) for one in given] if isinstance(given, list) else []
    first = _FIRST_MENTION.match(text)
    return first is not None and first[1] in {one.get("user_id") for one in rows}


def _status(answered: bool) -> BoltResponse | None:  # noqa: FBT001 - a predicate
    """Without a 200 Slack sends it again."""
    return None if answered else BoltResponse(status=503)


def _delivery(message: Message) -> Delivery:
    """Keep that it came, without a word of what was said."""
    return Delivery(
        source="slack",
        delivery_id=message.key,
        kind="message",
        payload={"user": message.user},
    )


async def _send(client: OutboundClient, message: Message, said: Said) -> bool:
    """Answer; False if Slack is away, and True where it will never take the answer."""
    try:
        await _say(client, message, said)
    except SlackApiError as exc:
        structlog.get_logger().warning("message.unanswered", error=str(exc))
        return not is_away(exc)
    except SLACK_AWAY as exc:
        structlog.get_logger().warning("message.unanswered", error=str(exc))
        return False
    return True


async def _say(client: OutboundClient, message: Message, said: Said) -> None:
    """A mention is answered for its person alone, a direct message in its place."""
    where, thread_ts = message.channel, message.thread_ts or None
    if message.direct:
        await posting.post(client, where, said.text, said.shown, thread_ts=thread_ts)
    else:
        await posting.whisper(
            client, where, message.user, said.text, said.shown, thread_ts=thread_ts
        )
