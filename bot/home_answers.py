"""
Answers to what was clicked in Home: each is shown on top of it, or told directly.

The web process makes Homes, so it takes these rows of the outbox out, under a lease:
one whose process dies is taken up by the next.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.answer import render_answer
from bot.blocks.home import Shown
from bot.identity import NotHere
from bot.listeners.home import Home
from bot.origin import CLICKED_IN, read_origin
from bot.slack_channel import (
    SLACK_AWAY,
    Key,
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


@dataclass(frozen=True, slots=True)
class HomeAnswers:
    """One web process's; ``home`` makes the view."""

    database: Database
    client: AsyncWebClient
    home: Home

    async def run(self, bell: Doorbell) -> None:
        """Show answers until cancelled."""
        while True:
            try:
                await self.show()
            except StorageError as exc:
                structlog.get_logger().warning("home.answers", error=str(exc))
                await asyncio.sleep(1.0)
            await bell.wait(_POLL_SECONDS)

    async def show(self) -> int:
        """Show what waits; give how many were."""
        async with self.database.dispatch(Step.look) as tx:
            found = await outbox.find_home_answers(tx, most=_MOST)
        return sum([await self._show(scope, post_id) for scope, post_id in found])

    async def _show(self, scope: Scope, post_id: UUID) -> bool:
        async with self.database.transaction(scope, Step.message_intent) as tx:
            if not await outbox.begin_page(tx, post_id, lease_seconds=_LEASE_SECONDS):
                return False
            waiting = await outbox.find(tx, post_id)
        if waiting is None:
            return False
        try:
            async with self.database.effect(Effect.slack_send):
                await self._say(waiting)
        except SlackRefused as exc:
            structlog.get_logger().error("home.not_answered", error=str(exc))
            async with self.database.transaction(scope, Step.message_sent) as tx:
                await outbox.mark_unsent(tx, post_id, error=str(exc), dead=True)
            return False
        except (SlackAway, SlackApiError, *SLACK_AWAY) as exc:
            structlog.get_logger().warning("home.slack_away", error=str(exc))
            async with self.database.transaction(scope, Step.message_sent) as tx:
                await outbox.put_back_page(
                    tx, post_id, error=str(exc), wait_seconds=_AGAIN_SECONDS
                )
            return False
        async with self.database.transaction(scope, Step.message_sent) as tx:
            await outbox.mark_sent(tx, waiting)
        return True

    async def _say(self, waiting: Post) -> None:
        """Make the Home anew, as it was filtered; where Slack takes none, tell them."""
        user = str(waiting.payload["user"])
        origin = read_origin(waiting.payload.get(CLICKED_IN))
        shown = Shown.of_word(origin.home) if origin else None
        try:
            await self.home.publish(
                self.client, user, origin.team if origin else "", shown or Shown()
            )
        except (NotHere, SlackApiError) as exc:
            if isinstance(exc, SlackApiError) and is_away(exc):
                raise
            structlog.get_logger().warning("home.not_published", error=str(exc))
            await SlackChannel(self.client).post(
                user,
                render_answer(waiting.payload),
                thread_ts=None,
                key=Key(str(waiting.task_id), waiting.slot),
            )
