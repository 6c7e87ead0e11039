"""
A direct message to one person, which is looked for before it is sent again.

A person's id is enough to post to, and not to look: the channel that it became is asked
for when a look is needed, which is only after a reply of Slack's was lost.
"""

from dataclasses import dataclass

import structlog

from bot.blocks.root import Rendered
from bot.slack_channel import Key, SlackAway, SlackChannel, SlackRefused
from storage.outbox import Post


@dataclass(frozen=True, slots=True)
class Direct:
    """
    The direct message that a row of the outbox is to become.

    ``channel`` is their direct message's id where it is known, else empty;
    ``was_tried`` tells that it may stand already.
    """

    slack: SlackChannel
    waiting: Post
    user: str
    was_tried: bool
    channel: str = ""
    thread_ts: str | None = None

    async def post(self, message: Rendered) -> None:
        """
        Post it, unless it is found to stand.

        Raises:
            SlackAway: it could not be said, or looked for, now.
            SlackRefused: nobody is there.
        """
        key = Key(str(self.waiting.task_id), self.waiting.slot)
        if self.was_tried and await self._stands(key):
            return
        await self.slack.post(
            self.channel or self.user, message, thread_ts=self.thread_ts, key=key
        )

    async def _stands(self, key: Key) -> bool:
        since = self.waiting.created_at.timestamp() - 60
        try:
            channel = self.channel or await self.slack.open_direct(self.user)
            found = await self.slack.find(
                channel, key, thread_ts=self.thread_ts, since=since
            )
        except (SlackRefused, SlackAway) as exc:
            if isinstance(exc, SlackAway) and not exc.code:
                raise
            # An app that was installed before it asked for im:write may not look, and
            # twice is better than not at all.
            structlog.get_logger().warning("direct.not_looked_up", error=str(exc))
            return False
        return found is not None
