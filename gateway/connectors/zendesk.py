"""
Zendesk Support API v2: a ticket with its comments, a comment more, a search.

A comment is a safe update: Zendesk takes it only while the ticket's ``updated_at`` is
still the one that was seen (whole seconds), and answers 409 otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import BaseModel

from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit
from gateway.ports import OutcomeUnknown, Unreadable
from gateway.subjects import Comment, Ticket

_MOVED = frozenset({409})
_MOST_FOUND = 100
_ID = re.compile(r"[0-9]{1,18}")
# Signs by which a word would become an operator of Zendesk's search.
_OPERATORS = re.compile(r'[:"<>*()-]+')


class _User(BaseModel):
    id: int
    name: str = ""
    email: str | None = None
    external_id: str | None = None


class _Ticket(BaseModel):
    id: int
    subject: str | None = ""
    status: str = ""
    priority: str | None = None
    requester_id: int | None = None
    tags: list[str] = []
    created_at: datetime
    updated_at: datetime


class _One(BaseModel):
    ticket: _Ticket
    users: list[_User] = []


class _Many(BaseModel):
    results: list[_Ticket]
    users: list[_User] = []


class _Comment(BaseModel):
    author_id: int
    body: str = ""
    public: bool = False
    created_at: datetime


class _Comments(BaseModel):
    comments: list[_Comment]
    count: int
    users: list[_User] = []


class Zendesk:
    """Fulfils ``Tickets``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self, ticket_id: str) -> Ticket:
        """Give a ticket with its newest hundred comments, oldest first."""
        path = self._path(ticket_id)
        raw = await self._api.read(path, {"include": "users"})
        one = fit(_One, raw, what=f"{self._api.name}: ticket {ticket_id}")
        raw = await self._api.read(
            f"{path}/comments",
            {"include": "users", "sort_order": "desc", "per_page": _MOST_FOUND},
        )
        said = fit(_Comments, raw, what=f"{self._api.name}: comments of {ticket_id}")
        names = {user.id: user.name for user in said.users}
        comments = tuple(
            Comment(
                names.get(comment.author_id, str(comment.author_id)),
                comment.body,
                comment.public,
                comment.created_at.timestamp(),
            )
            for comment in reversed(said.comments)
        )
        ticket = _ticket(one.ticket, one.users, comments)
        earlier = max(said.count - len(comments), 0)
        return replace(ticket, earlier_comments=earlier)

    async def comment(
        self,
        ticket_id: str,
        *,
        body: str,
        public: bool,
        seen_version: int,
        idempotency_key: str,
    ) -> Ticket:
        seen = datetime.fromtimestamp(seen_version, UTC)
        await self._api.send(
            "PUT",
            self._path(ticket_id),
            {
                "ticket": {
                    "comment": {"body": body, "public": public},
                    "safe_update": True,
                    "updated_stamp": seen.strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
            },
            headers={"Idempotency-Key": idempotency_key},
            moved=_MOVED,
        )
        try:
            return await self.get(ticket_id)
        except Unreadable as exc:
            raise OutcomeUnknown(f"written, and then not readable: {exc}") from exc

    async def search(self, query: str, *, most: int) -> Sequence[Ticket]:
        words = _OPERATORS.sub(" ", query).split()
        raw = await self._api.read(
            "/api/v2/search",
            {
                "query": " ".join(["type:ticket", *words]),
                "include": "tickets(users)",
                "per_page": min(most, _MOST_FOUND),
            },
        )
        found = fit(_Many, raw, what=f"{self._api.name}: search")
        return [_ticket(one, found.users, ()) for one in found.results[:most]]

    def _path(self, ticket_id: str) -> str:
        if _ID.fullmatch(ticket_id) is None:
            raise Unreadable(
                f"{self._api.name}: {ticket_id[:40]!r} is no ticket's number"
            )
        return f"/api/v2/tickets/{segment(ticket_id)}"


def _ticket(
    found: _Ticket, users: Sequence[_User], comments: tuple[Comment, ...]
) -> Ticket:
    requester = next((one for one in users if one.id == found.requester_id), None)
    return Ticket(
        ticket_id=str(found.id),
        subject=found.subject or "",
        status=found.status,
        priority=found.priority or "",
        requester_name=requester.name if requester else "",
        requester_email=(requester.email or "") if requester else "",
        user_id=requester.external_id if requester else None,
        tags=tuple(found.tags),
        created_at=found.created_at.timestamp(),
        updated_at=found.updated_at.timestamp(),
        comments=comments,
        version=int(found.updated_at.timestamp()),
    )
