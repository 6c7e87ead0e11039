"""Where tasks and cards stand in Slack, as addresses to tap."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks.permalink import permalink
from bot.outbound.client import OutboundClient
from bot.slack_channel import SLACK_AWAY
from storage import threads
from storage.database import Tx

# Whoever asks has three seconds for an answer; without an address it has no link.
_MOST_SECONDS = 1.0
_AGAIN_SECONDS = 60.0


@dataclass(slots=True)
class Links:
    """The workspace's own address, asked for once; "" while Slack is away."""

    client: OutboundClient
    monotonic: Callable[[], float]
    _base: str = ""
    _again_at: float = -math.inf

    async def base(self) -> str:
        if self._base or self.monotonic() < self._again_at:
            return self._base
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                answer = await self.client.auth_test()
        except (SlackApiError, *SLACK_AWAY) as exc:
            structlog.get_logger().warning("links.no_address", error=str(exc))
            self._again_at = self.monotonic() + _AGAIN_SECONDS
            return ""
        self._base = str(answer.get("url") or "")
        return self._base


async def addresses(
    tx: Tx, base: str, wanted: Sequence[tuple[UUID, str]]
) -> Mapping[tuple[UUID, str], str]:
    """Give the addresses of the messages of (task, slot) that stand in Slack."""
    if not base or not wanted:
        return {}
    places = await threads.find_places(tx, wanted)
    return {key: permalink(base, place) for key, place in places.items()}
