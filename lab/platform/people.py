"""Hold the platform's people: their accounts, and how they get in."""

import random
from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject

AUTHOR, SPAMMER, LOCKED_OUT, BANNED = "u_1001", "u_1002", "u_1003", "u_1004"
# How long somebody takes to follow the link in a mail.
RESET_SECONDS = 8.0
DAY = 86_400.0
NAMES = (
    ("mara.lind", "Mara Lind", "SE"),
    ("deals4u", "Best Deals", "US"),
    ("jonas_w", "Jonas Weber", "DE"),
    ("hotmic", "Hot Mic", "GB"),
    ("ayse.k", "Ayşe Kaya", "TR"),
    ("theo", "Theo Martin", "FR"),
    ("priya_s", "Priya Shah", "IN"),
    ("luca", "Luca Rossi", "IT"),
)


@dataclass
class Person:
    """
    One user; `version` counts writes to the account, `identity_version` to the rest.

    `banned_until` None while banned means for ever; `reset_wait_seconds` is what is
    left until a reset mail is followed.
    """

    user_id: str
    handle: str
    display_name: str
    email: str
    phone: str
    country: str
    created_at: float
    followers: int
    status: str = "active"
    banned_until: float | None = None
    strikes: int = 0
    reports_last_day: int = 0
    posts_last_day: int = 3
    push_tokens: int = 2
    push_revoked: bool = False
    recent_content: list[str] = field(default_factory=list)
    version: int = 1
    session_ids: list[str] = field(default_factory=lambda: ["s1", "s2"])
    sessions_begun: int = 2
    last_login_at: float | None = None
    failed_logins_last_hour: int = 0
    locked: bool = False
    reset_sent_at: float | None = None
    reset_wait_seconds: float | None = None
    identity_version: int = 1

    def set_push(self, *, revoked: bool) -> None:
        self.push_revoked = revoked
        self.version += 1

    def ban(self, until: float | None) -> None:
        self.status, self.banned_until = "banned", until
        self.version += 1

    def unban(self) -> None:
        self.status, self.banned_until = "active", None
        self.version += 1

    @property
    def sessions(self) -> int:
        return len(self.session_ids)

    def log_in(self, now: float) -> None:
        """Open one session more; its name is never used again."""
        self.sessions_begun += 1
        self.session_ids.append(f"s{self.sessions_begun}")
        self.last_login_at = now

    def end_sessions(self) -> None:
        self.session_ids = []
        self.identity_version += 1

    def send_reset(self, now: float) -> None:
        self.reset_sent_at = now
        self.reset_wait_seconds = RESET_SECONDS
        self.identity_version += 1

    def advance(self, dt_seconds: float, *, now: float) -> None:
        """Let bans end, and whoever got a reset mail log in again."""
        if self.banned_until is not None and self.banned_until <= now:
            self.status, self.banned_until = "active", None
        if self.reset_wait_seconds is None:
            return
        self.reset_wait_seconds -= dt_seconds
        if self.reset_wait_seconds <= 0:
            self.reset_wait_seconds, self.locked = None, False
            self.failed_logins_last_hour = 0
            self.log_in(now)

    def account(self) -> JsonObject:
        return {
            "user_id": self.user_id,
            "handle": self.handle,
            "display_name": self.display_name,
            "email": self.email,
            "phone": self.phone,
            "country": self.country,
            "created_at": iso(self.created_at),
            "followers": self.followers,
            "status": self.status,
            "banned_until": iso_or_none(self.banned_until),
            "strikes": self.strikes,
            "reports_last_day": self.reports_last_day,
            "posts_last_day": self.posts_last_day,
            "push_tokens": self.push_tokens,
            "push_revoked": self.push_revoked,
            "recent_content": list(self.recent_content),
            "version": self.version,
        }

    def identity(self) -> JsonObject:
        return {
            "user_id": self.user_id,
            "sessions": self.sessions,
            "session_ids": list(self.session_ids),
            "last_login_at": iso_or_none(self.last_login_at),
            "failed_logins_last_hour": self.failed_logins_last_hour,
            "locked": self.locked,
            "reset_sent_at": iso_or_none(self.reset_sent_at),
            "version": self.identity_version,
        }


def iso_or_none(at: float | None) -> str | None:
    return None if at is None else iso(at)


def usual_people(dice: random.Random, now: float) -> list[Person]:
    """Give eight people; a spammer, one locked out and one banned among them."""
    people = [
        Person(
            user_id=f"u_{1001 + index}",
            handle=handle,
            display_name=name,
            email=f"{handle}@example.com",
            phone=f"+49 30 5550{1001 + index}",
            country=country,
            created_at=now - DAY * dice.randint(40, 900),
            followers=dice.randint(40, 9000),
            last_login_at=now - dice.randint(600, 80_000),
        )
        for index, (handle, name, country) in enumerate(NAMES)
    ]
    known = {person.user_id: person for person in people}
    spammer, locked, banned = known[SPAMMER], known[LOCKED_OUT], known[BANNED]
    spammer.reports_last_day, spammer.posts_last_day, spammer.strikes = 61, 240, 2
    locked.locked, locked.failed_logins_last_hour = True, 14
    banned.status, banned.session_ids = "banned", []
    return people
