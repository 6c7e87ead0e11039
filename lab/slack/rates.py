"""Slack's rate limits: how often a method may be called, and a channel be posted to."""

import math
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE = 60.0
POST = "chat.postMessage"
# Calls a minute of each tier, and of the methods with a tier of their own: what Slack
# publishes; of posts it says one a second in a channel and several hundred in all.
TIER_2, TIER_3, TIER_4 = 20, 50, 100
# A second each in a channel; Slack lets short bursts pass, and does not say how long.
IN_CHANNEL = ((60, MINUTE), (10, 10.0))
PER_MINUTE: Mapping[str, int] = {
    POST: 300,
    "auth.test": 600,
    "chat.getPermalink": 600,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "team.info": TIER_3,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
# A method that is named nowhere here.
OTHERS_PER_MINUTE = TIER_4


@dataclass
class Rates:
    """Calls within the last minute; ``on`` False counts nothing and refuses none."""

    on: bool = False
    refused: Counter[str] = field(default_factory=Counter)
    _calls: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, method: str, channel: str, *, now: float) -> int:
        """
        Count one call and give 0, or refuse it and give the seconds to wait.

        A refused call counts for nothing. ``now`` in seconds.
        """
        if not self.on:
            return 0
        limits = [(method, PER_MINUTE.get(method, OTHERS_PER_MINUTE), MINUTE)]
        if method == POST and channel:
            limits += [(f"{method} in {channel}", *one) for one in IN_CHANNEL]
        wait = max(self._wait(*one, now) for one in limits)
        if wait > 0:
            self.refused[method] += 1
            return math.ceil(wait)
        for name in {name for name, _, _ in limits}:
            self._calls[name].append(now)
        return 0

    def _wait(self, name: str, most: int, seconds: float, now: float) -> float:
        """Give how long the oldest of the last ``most`` calls keeps the window full."""
        calls = self._calls.setdefault(name, deque())
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) < most:
            return 0.0
        return max(0.0, calls[-most] + seconds - now)
