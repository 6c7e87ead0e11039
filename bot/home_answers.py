"""
Answers to what was clicked in Home: each is shown on top of it, or told directly.

Theory of operation. The web process makes Homes, so it takes these rows of the outbox
out, under a lease: one whose process dies is taken up by the next. A row counts as sent
once a Home that shows it was published, or its direct message was. A row that was
begun before may stand in the direct messages already: they are searched for its
metadata before it is posted again. On 429 all wait as long as Slack says; one row's
fault puts that row off, each time for longer.
"""

import asyncio
import math
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks.answer import render_answer
from bot.blocks.home import Shown
from bot.direct import Direct
from bot.identity import NotHere
from bot.listeners.home import Home
from bot.origin import CLICKED_IN, read_origin
from bot.outbound.client import OutboundClient
from bot.slack_channel import (
    SLACK_AWAY,
    SlackAway,
    SlackChannel,
    SlackRefused,
    is_away,
)
from policy.scope import Scope
from storage import outbox
from storage.database import Database
from storage.doorbell import Doorbell
from storage.errors import StorageError
from storage.outbox import Post
from storage.steps import Effect, Step

_POLL_SECONDS = 2.0
_AGAIN_SECONDS = 5.0
_LEASE_SECONDS = 30.0
_MOST = 20
# The longest that a row waits: for Slack, and after a bug of ours.
_AWAY_SECONDS, _BUG_SECONDS = 60.0, 3600.0
_TOO_MANY = 429


@dataclass(slots=True)
class Pause:
    """Until when (Unix seconds) Slack asked not to be asked."""

    until: float = -math.inf


@dataclass(frozen=True, slots=True)
class HomeAnswers:
    """One web process's; ``home`` makes the view."""

    database: Database
    client: OutboundClient
    home: Home
    pause: Pause = field(default_factory=Pause)

    async def run(self, bell: Doorbell) -> None:
        """Show answers until cancelled."""
        log = structlog.get_logger()
        while True:
            try:
                await self.show()
            except StorageError as exc:
                log.warning("home.answers", error=str(exc))
                await asyncio.sleep(1.0)
            except Exception:  # The web process must not end with this loop.
                log.exception("home.bug")
                await asyncio.sleep(1.0)
            await bell.wait(_POLL_SECONDS)

    async def show(self) -> int:
        """Show what waits; give how many were."""
        async with self.database.dispatch(Step.look) as tx:
            found = await outbox.find_home_answers(tx, most=_MOST)
        return sum([await self._show(scope, post_id) for scope, post_id in found])

    async def _show(self, scope: Scope, post_id: UUID) -> bool:
        if self.database.now().timestamp() < self.pause.until:
            return False
        async with self.database.transaction(scope, Step.message_intent) as tx:
            if not await outbox.begin_page(tx, post_id, lease_seconds=_LEASE_SECONDS):
                return False
            waiting = await outbox.find(tx, post_id)
        if waiting is None:
            return False
        log = structlog.get_logger().bind(task=str(waiting.task_id))
        try:
            async with self.database.effect(Effect.slack_send):
                await self._say(waiting)
            async with self.database.transaction(scope, Step.message_sent) as tx:
                await outbox.mark_sent(tx, waiting)
        except SlackRefused as exc:
            log.warning("home.not_answered", error=str(exc))
            async with self.database.transaction(scope, Step.message_sent) as tx:
                await outbox.mark_unsent(tx, post_id, error=str(exc), dead=True)
        except (SlackAway, SlackApiError, *SLACK_AWAY) as exc:
            log.warning("home.slack_away", error=str(exc))
            wait_seconds = max(_growing(waiting, _AWAY_SECONDS), self._asked(exc))
            await self._put_off(scope, waiting, exc, wait_seconds)
        except StorageError as exc:
            log.warning("home.storage", error=str(exc))
            await self._put_off(scope, waiting, exc, _growing(waiting, _AWAY_SECONDS))
        except Exception as exc:  # One row's fault must not stop the others.
            log.exception("home.bug")
            await self._put_off(scope, waiting, exc, _growing(waiting, _BUG_SECONDS))
        else:
            return True
        return False

    async def _put_off(
        self, scope: Scope, waiting: Post, exc: Exception, wait_seconds: float
    ) -> None:
        error = str(exc) or type(exc).__name__
        async with self.database.transaction(scope, Step.message_sent) as tx:
            await outbox.put_back_page(
                tx, waiting.id, error=error, wait_seconds=wait_seconds
            )

    def _asked(self, exc: Exception) -> float:
        """Give for how long Slack asked to be left alone; after 429 by all."""
        if isinstance(exc, SlackAway):
            asked, cause = exc.retry_seconds, exc.__cause__
        else:
            asked, cause = _retry_after(exc), exc
        if isinstance(cause, SlackApiError) and _status(cause) == _TOO_MANY:
            self.pause.until = self.database.now().timestamp() + asked
        return asked

    async def _say(self, waiting: Post) -> None:
        """Make the Home anew, as it was filtered; what it does not show, tell them."""
        user = str(waiting.payload["user"])
        origin = read_origin(waiting.payload.get(CLICKED_IN))
        shown = Shown.of_word(origin.home) if origin else None
        try:
            standing = await self.home.publish(
                self.client, user, origin.team if origin else "", shown or Shown()
            )
        except (NotHere, SlackApiError) as exc:
            if isinstance(exc, SlackApiError) and is_away(exc):
                raise
            structlog.get_logger().warning("home.not_published", error=str(exc))
            standing = frozenset()
        if waiting.id not in standing:
            await self._tell(waiting, user)

    async def _tell(self, waiting: Post, user: str) -> None:
        """Send it as a direct message, unless it stands there already."""
        direct = Direct(
            SlackChannel(self.client), waiting, user, was_tried=waiting.attempts > 1
        )
        await direct.post(render_answer(waiting.payload))


def _growing(waiting: Post, most: float) -> float:
    return float(min(most, _AGAIN_SECONDS * 2 ** min(waiting.attempts - 1, 16)))


def _status(exc: SlackApiError) -> int:
    return int(getattr(exc.response, "status_code", 0))


def _retry_after(exc: Exception) -> float:
    headers = getattr(getattr(exc, "response", None), "headers", {})
    named = {str(name).lower(): value for name, value in headers.items()}
    try:
        return float(named.get("retry-after", 0.0))
    except ValueError:
        return 0.0
