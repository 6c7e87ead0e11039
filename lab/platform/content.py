"""Hold what people wrote, the frictions on it, and the burst of a dogpile."""

import random
from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject
from lab.platform.people import AUTHOR, SPAMMER, iso_or_none
from lab.platform.service import noise, settle

PILED_ON = "c_2001"
BURST_PER_HOUR = 2400.0
BURST_SETTLE_SECONDS = 3.0
# What is left of the replies under each friction.
FRICTIONS = {"slow_mode": 0.1, "confirm": 0.35, "followers_only": 0.05}


@dataclass
class Friction:
    """`version` names what was written: a friction that ran out keeps it."""

    target: str
    friction_type: str | None = None
    expires_at: float | None = None
    version: int = 1

    def set(self, friction_type: str | None, expires_at: float | None) -> None:
        self.friction_type, self.expires_at = friction_type, expires_at
        self.version += 1

    def at(self, now: float) -> str | None:
        """Give what slows people down now; the platform lifts it by itself."""
        over = self.expires_at is not None and self.expires_at <= now
        return None if over else self.friction_type


@dataclass
class Content:
    """
    One post, reply or Gathering.

    `replies_per_hour` is the present pace, which the API gives as the last hour's.
    """

    content_id: str
    author_id: str
    kind: str
    created_at: float
    text: str
    usual_replies_per_hour: float
    views_last_hour: int
    thread_size: int
    status: str = "visible"
    removed_reason: str | None = None
    replies_per_hour: float = 0.0
    reports: float = 0.0
    labels: list[str] = field(default_factory=list)
    version: int = 1

    def __post_init__(self) -> None:
        self.replies_per_hour = self.replies_per_hour or self.usual_replies_per_hour

    @property
    def target(self) -> str:
        kind = "gathering" if self.kind == "gathering" else "content"
        return f"{kind}:{self.content_id}"

    @property
    def repliers(self) -> int:
        return round(self.replies_per_hour * 0.8)

    def remove(self, reason: str) -> None:
        self.status, self.removed_reason = "removed", reason
        self.version += 1

    def restore(self) -> None:
        self.status, self.removed_reason = "visible", None
        self.version += 1

    def advance(
        self, dt_seconds: float, dice: random.Random, *, piled_on: bool, factor: float
    ) -> None:
        """Bring the pace nearer to what a dogpile and a friction make of it."""
        wanted = BURST_PER_HOUR if piled_on else self.usual_replies_per_hour
        wanted *= 0.0 if self.status == "removed" else factor
        self.replies_per_hour = settle(
            self.replies_per_hour,
            wanted * noise(dice),
            dt_seconds,
            within_seconds=BURST_SETTLE_SECONDS,
        )
        if piled_on:
            self.reports += self.replies_per_hour / 3600 * 0.05 * dt_seconds

    def rendered(self) -> JsonObject:
        return {
            "content_id": self.content_id,
            "author_id": self.author_id,
            "kind": self.kind,
            "created_at": iso(self.created_at),
            "text": self.text,
            "status": self.status,
            "removed_reason": self.removed_reason,
            "views_last_hour": self.views_last_hour,
            "replies_last_hour": round(self.replies_per_hour),
            "repliers_last_hour": self.repliers,
            "reports": round(self.reports),
            "labels": list(self.labels),
            "thread_size": self.thread_size,
            "version": self.version,
        }


def render_friction(
    friction: Friction, now: float, *, people: int, actions: int
) -> JsonObject:
    kind = friction.at(now)
    return {
        "target": friction.target,
        "friction_type": kind,
        "expires_at": iso_or_none(friction.expires_at if kind else None),
        "people_last_hour": people,
        "actions_last_hour": actions,
        "version": friction.version,
    }


def usual_contents(now: float) -> list[Content]:
    """Give what the lab's incidents are about; one post is removed and appealed."""
    contents = [
        Content(
            PILED_ON,
            AUTHOR,
            "post",
            now - 7200,
            "Why I left the marathon committee",
            40.0,
            5200,
            180,
        ),
        Content(
            "c_2002",
            SPAMMER,
            "reply",
            now - 900,
            "Cheap followers, write to deals@example.com",
            2.0,
            310,
            1,
        ),
        Content(
            "c_2003", "u_1005", "post", now - 90_000, "My recipe, again", 1.0, 20, 4
        ),
        Content(
            "c_2004", "u_1006", "gathering", now - 50_000, "Evening run", 12.0, 640, 37
        ),
    ]
    contents[1].reports = 23
    contents[2].remove("spam")
    return contents
