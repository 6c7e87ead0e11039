"""
A command's or a click's answer within Slack's three seconds, whatever takes longer.

Theory of operation. What was asked goes on until it has ended: nobody cancels it, and
nobody does it again. What is known in time is the answer. Else the request ends with a
word that says what to do if nothing follows, and the true answer is brought later: by
the request's own address (``response_url``), or where that takes none, by a message. A
click's listener tells its person itself, so of a click only a failure is brought. The
rest runs in the request that it began in, so a process that stops waits for it, as long
as it waits for its requests. Whose answer is open by then is told that nobody knows;
a process that is killed tells nobody.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from bot import posting
from bot.blocks.root import Rendered
from bot.blocks.text import mapping_of, sections
from bot.outbound.client import OutboundClient
from bot.slack_channel import SLACK_AWAY, SlackAway, SlackChannel, SlackRefused

# Slack waits three for an answer; one is left for the way and a busy process.
SECONDS = 2.0
_PATIENCE_SECONDS = 60.0
# For the last words of a process that stops: whoever stops it kills it soon.
_LAST_SECONDS = 1.0
_OK = 200
_LATER = (
    "This takes longer than usual; the answer follows here. Should none come, it is "
    "not known whether it was done: look with `/ops` and `/ops tasks` before you "
    "repeat it."
)
_UNKNOWN = (
    "It is not known whether that was done. `/ops` and `/ops tasks` show how things "
    "stand; look before you repeat it."
)

Rest = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where a late answer belongs; a Home has no address."""

    is_command: bool
    user: str
    url: str


@dataclass(frozen=True, slots=True)
class InTime:
    """
    One web process's; ``app`` does the work, ``client`` brings what comes late.

    After ``patience_seconds`` more its person is told that nobody knows yet.
    """

    app: AsyncApp
    client: OutboundClient
    seconds: float = SECONDS
    patience_seconds: float = _PATIENCE_SECONDS
    _open: set[asyncio.Task[object]] = field(default_factory=set, init=False)

    async def answer(
        self, request: AsyncBoltRequest
    ) -> tuple[BoltResponse, Rest | None]:
        """
        Give the answer, and what is to be awaited once it was sent.

        Raises:
            Exception: whatever the app raises in time.
        """
        asked = _read(request.body)
        if asked is None:
            return await self.app.async_dispatch(request), None
        work = asyncio.ensure_future(self.app.async_dispatch(request))
        await asyncio.wait({work}, timeout=self.seconds)
        if work.done():
            return await work, None
        structlog.get_logger().warning("slack.late", is_command=asked.is_command)
        return self._early(asked), partial(self._finish, asked, work)

    def _early(self, asked: _Asked) -> BoltResponse:
        if not asked.is_command:
            return BoltResponse(status=_OK, body="")
        said = {
            "response_type": "ephemeral",
            "text": _LATER,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        passed = self.client.gate.passed("answer", said, is_awaited=True)
        return BoltResponse(status=_OK, body=passed)

    async def end(self) -> None:
        """Have all whose answer is still open told that nobody knows, and wait."""
        left = set(self._open)
        for one in left:
            # What is cancelled already is being told.
            if not one.cancelling():
                one.cancel()
        if left:
            await asyncio.wait(left)

    async def _finish(self, asked: _Asked, work: asyncio.Future[BoltResponse]) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
        unsaid: Rendered | None = _plain(_UNKNOWN)
        try:
            await asyncio.wait({work}, timeout=self.patience_seconds)
            if not work.done():
                structlog.get_logger().error("slack.very_late")
                await self._tell(asked, _plain(_UNKNOWN))
                unsaid = None
                await asyncio.wait({work})
            unsaid = _outcome(asked, work)
            if unsaid is not None:
                await self._tell(asked, unsaid)
        except asyncio.CancelledError:
            if unsaid is not None:
                await self._tell_at_last(asked, unsaid)
            raise
        finally:
            self._open.difference_update({task})

    async def _tell_at_last(self, asked: _Asked, said: Rendered) -> None:
        log = structlog.get_logger()
        log.warning("slack.stopped_before", is_command=asked.is_command)
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self._tell(asked, said)
        except TimeoutError as exc:
            log.warning("slack.stopped_untold", error=str(exc))

    async def _tell(self, asked: _Asked, said: Rendered) -> None:
        """Say it by the address that came along, else to the person directly."""
        slack = SlackChannel(self.client)
        log = structlog.get_logger()
        if asked.url:
            try:
                await slack.add(asked.url, said)
            except (SlackAway, SlackRefused) as exc:
                log.warning("slack.late_not_added", error=str(exc))
            else:
                return
        try:
            await posting.post(self.client, asked.user, said.text, said.blocks)
        except (SlackApiError, *SLACK_AWAY) as exc:
            # The early answer has said what it means that none follows.
            log.warning("slack.late_unanswered", error=str(exc))


def _read(body: Mapping[str, object]) -> _Asked | None:
    """Give where a command or a click wants its answer; None of anything else."""
    is_command = "command" in body
    if not is_command and body.get("type") != "block_actions":
        return None
    user = body.get("user_id") if is_command else mapping_of(body.get("user")).get("id")
    return _Asked(is_command, str(user or ""), str(body.get("response_url") or ""))


def _outcome(asked: _Asked, work: asyncio.Future[BoltResponse]) -> Rendered | None:
    """Read what has ended; None where its person has been told."""
    fault = asyncio.CancelledError() if work.cancelled() else work.exception()
    if fault is not None:
        structlog.get_logger().error("slack.late_failed", exc_info=fault)
        return _plain(_UNKNOWN)
    response = work.result()
    if response.status != _OK:
        return _plain(_UNKNOWN)
    if not asked.is_command:
        return None
    said = json.loads(response.body)
    return Rendered(said["text"], said.get("blocks") or [])


def _plain(text: str) -> Rendered:
    return Rendered(text, sections([text]))
