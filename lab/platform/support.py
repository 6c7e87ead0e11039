"""Hold what waits for the platform's people: support tickets and appeals."""

from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject
from lab.platform.people import BANNED, LOCKED_OUT, SPAMMER


@dataclass
class Ticket:
    """`comments` are rendered ones, oldest first."""

    ticket_id: str
    subject: str
    requester_name: str
    requester_email: str
    user_id: str | None
    created_at: float
    updated_at: float
    tags: list[str] = field(default_factory=list)
    comments: list[JsonObject] = field(default_factory=list)
    status: str = "open"
    priority: str = "normal"
    version: int = 1

    def comment(self, author: str, body: str, *, public: bool, now: float) -> None:
        self.comments.append(
            {"author": author, "body": body, "public": public, "at": iso(now)}
        )
        self.updated_at = now
        self.version += 1

    def likeness(self, words: list[str]) -> int:
        """Count the words that it holds."""
        said = [self.subject, *self.tags, *(str(one["body"]) for one in self.comments)]
        text = " ".join(said).lower()
        return sum(word in text for word in words)

    def rendered(self) -> JsonObject:
        return {
            "ticket_id": self.ticket_id,
            "subject": self.subject,
            "status": self.status,
            "priority": self.priority,
            "requester_name": self.requester_name,
            "requester_email": self.requester_email,
            "user_id": self.user_id,
            "tags": list(self.tags),
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "comments": [dict(one) for one in self.comments],
            "version": self.version,
        }


@dataclass
class Appeal:
    """`action` is `ban` or `removal`; `subject_id` what it was done to."""

    appeal_id: str
    user_id: str
    action: str
    subject_id: str
    opened_at: float
    statement: str
    status: str = "open"
    version: int = 1

    def resolve(self, resolution: str) -> None:
        self.status = resolution
        self.version += 1

    def rendered(self) -> JsonObject:
        return {
            "appeal_id": self.appeal_id,
            "user_id": self.user_id,
            "action": self.action,
            "subject_id": self.subject_id,
            "opened_at": iso(self.opened_at),
            "statement": self.statement,
            "status": self.status,
            "version": self.version,
        }


def usual_tickets(now: float) -> list[Ticket]:
    tickets = [
        Ticket(
            "48211",
            "I can't log in since this morning",
            "Jonas Weber",
            "jonas_w@example.com",
            LOCKED_OUT,
            now - 5400,
            now - 5400,
            ["login"],
        ),
        Ticket(
            "48212",
            "Push arrives twice",
            "Priya Shah",
            "priya_s@example.com",
            "u_1007",
            now - 86_000,
            now - 86_000,
            ["push"],
            status="pending",
        ),
    ]
    words = "It says wrong password. My number is +49 30 55501003, please call."
    tickets[0].comments = [
        {"author": "Jonas Weber", "body": words, "public": True, "at": iso(now - 5400)}
    ]
    return tickets


def usual_appeals(now: float) -> list[Appeal]:
    return [
        Appeal("a_501", BANNED, "ban", BANNED, now - 40_000, "I only quoted somebody."),
        Appeal(
            "a_502", "u_1005", "removal", "c_2003", now - 20_000, "It is my own recipe."
        ),
        Appeal("a_503", SPAMMER, "ban", SPAMMER, now - 99_000, "Why?", status="upheld"),
    ]
