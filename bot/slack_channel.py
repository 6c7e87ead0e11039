"""One Slack workspace as the courier needs it: post, edit, whisper, look up."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import posting
from bot.blocks.root import Rendered
from bot.blocks.text import mapping_of
from bot.outbound.client import OutboundClient

EVENT_TYPE = "ops_autopilot"
_DEFAULT_RETRY_SECONDS = 5.0
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500
_SEND_SECONDS = 20
# Where Slack takes what belongs to a response_url.
_HOOKS = ("https", "hooks.slack.com")
# What slack_sdk raises where it got no answer at all.
SLACK_AWAY = (aiohttp.ClientError, TimeoutError, OSError)
_LOOK_BACK = 100
# Who is not in a channel can't be whispered to there; nor can whoever lets nobody in.
NOT_THERE = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel"})
# Errors that the same message will always meet.
_FOR_GOOD = NOT_THERE | frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "is_archived",
        "cant_update_message",
        "edit_window_closed",
        "invalid_arguments",
        "invalid_metadata_format",
        "metadata_too_large",
        # Somebody removed the message or the thread's root, or the person is gone.
        "message_not_found",
        "thread_not_found",
        "user_not_found",
        # A picture: the installation may not have the scope for files.
        "missing_scope",
        "not_allowed_token_type",
        "file_uploads_disabled",
        "storage_limit_reached",
    }
)


class SlackAway(Exception):
    """
    No usable answer: what was sent may stand; look before sending again.

    ``code`` is Slack's word where it did answer, as it may answer for good;
    ``over_rate`` the method that it had too often.
    """

    def __init__(
        self,
        error: str,
        *,
        retry_seconds: float,
        code: str = "",
        over_rate: str = "",
    ) -> None:
        super().__init__(error)
        self.retry_seconds = retry_seconds
        self.code = code
        self.over_rate = over_rate


class SlackRefused(Exception):
    """Slack will never take this message; ``code`` is its word for why."""

    def __init__(self, error: str, *, code: str = "") -> None:
        super().__init__(error)
        self.code = code


@dataclass(frozen=True, slots=True)
class Key:
    """What a message is to us: carried as metadata, so that it is found again."""

    task_id: str
    slot: str


class SlackChannel:
    """Wraps the client; every call ends as a value, SlackAway or SlackRefused."""

    def __init__(self, client: OutboundClient) -> None:
        self._client = client

    async def post(
        self, channel: str, message: Rendered, *, thread_ts: str | None, key: Key
    ) -> str:
        """Post and give the message's ts."""
        metadata = {
            "event_type": EVENT_TYPE,
            "event_payload": {"task": key.task_id, "slot": key.slot},
        }
        sent = posting.post(
            self._client,
            channel,
            message.text,
            message.blocks,
            thread_ts=thread_ts,
            metadata=metadata,
        )
        answer = await _called("chat.postMessage", sent)
        return str(answer["ts"])

    async def edit(self, channel: str, ts: str, message: Rendered) -> None:
        await self._call(
            "chat.update",
            {
                "channel": channel,
                "ts": ts,
                "text": message.text,
                "blocks": message.blocks,
            },
        )

    async def whisper(
        self, channel: str, user: str, message: Rendered, *, thread_ts: str | None
    ) -> None:
        """Say it to one person alone."""
        sent = posting.whisper(
            self._client,
            channel,
            user,
            message.text,
            message.blocks,
            thread_ts=thread_ts,
        )
        await _called("chat.postEphemeral", sent)

    async def open_direct(self, user: str) -> str:
        """Give the id of the direct message with a person: by theirs none is found."""
        answer = await self._call("conversations.open", {"users": user})
        return str(mapping_of(answer.get("channel")).get("id", ""))

    async def upload(self, png: bytes, *, alt: str) -> str:
        """Give Slack a picture that stands nowhere yet; its file's id."""
        asked = await self._call(
            "files.getUploadURLExternal",
            {"filename": "series.png", "length": len(png), "alt_txt": alt[:1000]},
        )
        await _send("upload", str(asked["upload_url"]), data=png)
        file_id = str(asked["file_id"])
        files = [{"id": file_id, "title": "What the evidence shows"}]
        await self._call("files.completeUploadExternal", {"files": files})
        return file_id

    async def replace(self, url: str, message: Rendered) -> None:
        """
        Put it in the place of the message of a click, by the click's response_url.

        It is a permission by itself, so it goes to Slack alone.

        Raises:
            SlackRefused: the address is not Slack's, is too old, or is used up.
        """
        await self._respond(url, posting.replacement(message.text, message.blocks))

    async def add(self, url: str, message: Rendered) -> None:
        """Say it to one person beside what stands; raises as ``replace`` does."""
        await self._respond(url, posting.addition(message.text, message.blocks))

    async def _respond(self, url: str, said: Mapping[str, object]) -> None:
        if not _is_slacks(url, str(self._client.base_url)):
            raise SlackRefused("response_url: not an address of Slack's")
        content = self._client.gate.passed("response_url", said)
        await _send("response_url", url, json=content)

    async def find(
        self, channel: str, key: Key, *, thread_ts: str | None, since: float
    ) -> str | None:
        """Look a message of ours up by its metadata; None if it does not stand."""
        method = "conversations.replies" if thread_ts else "conversations.history"
        fields: dict[str, object] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": _LOOK_BACK,
            "oldest": f"{since:.6f}",
        }
        if thread_ts:
            fields["ts"] = thread_ts
        cursor = ""
        while True:
            answer = await self._call(
                method, fields | ({"cursor": cursor} if cursor else {})
            )
            found: Sequence[Mapping[str, object]] = answer.get("messages", [])
            for message in found:
                if _is(message, key):
                    return str(message["ts"])
            after = answer.get("response_metadata") or {}
            cursor = str(after.get("next_cursor") or "")
            if not cursor:
                return None

    async def _call(
        self, method: str, fields: Mapping[str, object]
    ) -> AsyncSlackResponse:
        called = self._client.api_call(method, json=dict(fields))
        return await _called(method, called)


async def _called(
    method: str, call: Awaitable[AsyncSlackResponse]
) -> AsyncSlackResponse:
    try:
        return await call
    except SlackApiError as exc:
        code = str(exc.response.get("error", "unknown"))
        if code in _FOR_GOOD:
            raise SlackRefused(f"{method}: {code}", code=code) from exc
        raise SlackAway(
            f"{method}: {code}",
            retry_seconds=_retry_after(exc),
            code="" if is_away(exc) else code,
            over_rate=method if exc.response.status_code == _TOO_MANY else "",
        ) from exc
    except (*SLACK_AWAY, ValueError) as exc:
        raise SlackAway(f"{method}: {type(exc).__name__}", retry_seconds=1.0) from exc


async def _send(what: str, url: str, **content: object) -> None:
    """Send it to an address that Slack named for it; follow it nowhere else."""
    limit = aiohttp.ClientTimeout(total=_SEND_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, allow_redirects=False, **content) as answer,  # type: ignore[arg-type]
        ):
            status = answer.status
    except SLACK_AWAY as exc:
        raise SlackAway(f"{what}: {type(exc).__name__}", retry_seconds=1.0) from exc
    if status >= _SERVER_ERROR or status == _TOO_MANY:
        raise SlackAway(f"{what}: HTTP {status}", retry_seconds=5.0)
    if status != _OK:
        raise SlackRefused(f"{what}: HTTP {status}")


def _is_slacks(url: str, api_url: str) -> bool:
    """Tell whether an address is Slack's own, or of the API that we talk to."""
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
    except ValueError:
        return False
    return (asked.scheme, asked.netloc) in {_HOOKS, (api.scheme, api.netloc)}


def _retry_after(exc: SlackApiError) -> float:
    if exc.response.status_code != _TOO_MANY:
        return _DEFAULT_RETRY_SECONDS
    headers = {key.lower(): value for key, value in exc.response.headers.items()}
    try:
        return max(1.0, float(headers.get("retry-after", _DEFAULT_RETRY_SECONDS)))
    except ValueError:
        return _DEFAULT_RETRY_SECONDS


def is_away(exc: SlackApiError) -> bool:
    """Tell whether Slack answers so for a while, and not for good."""
    status = getattr(exc.response, "status_code", _OK)
    return status == _TOO_MANY or status >= _SERVER_ERROR


def _is(message: Mapping[str, object], key: Key) -> bool:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return False
    payload = metadata.get("event_payload")
    return isinstance(payload, Mapping) and (
        payload.get("task") == key.task_id and payload.get("slot") == key.slot
    )
