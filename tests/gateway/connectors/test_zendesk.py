"""Zendesk: a ticket, a comment that is a safe update, a search."""

import json

import pytest
import respx

from gateway.ports import StateMoved, Unreadable
from gateway.subjects import Comment, Ticket
from tests.gateway.connectors.asking import asked, port_of
from tests.gateway.connectors.cases import COMMENT, TICKET, USER

UPDATED = 1_767_323_045
EXPECTED = Ticket(
    ticket_id="7",
    subject="I can't log in",
    status="open",
    priority="",
    requester_name="Mia",
    requester_email="mia@x.test",
    user_id="u-1",
    tags=("login",),
    created_at=1_767_225_600.0,
    updated_at=float(UPDATED),
    comments=(Comment("Mia", "please help", True, 1_767_225_600.0),),  # noqa: FBT003
    version=UPDATED,
)


async def test_a_ticket_comes_with_its_comments(outside: respx.MockRouter) -> None:
    """And with its requester, whose external id is our user's."""
    async with port_of("zendesk", outside) as port:
        assert await port.get("7") == EXPECTED


async def test_a_comment_is_a_safe_update(outside: respx.MockRouter) -> None:
    """Conditional on the second that was seen."""
    route = outside.put("/api/v2/tickets/7").respond(json={"ticket": TICKET})
    async with port_of("zendesk", outside) as port:
        await port.comment(
            "7",
            body="done",
            public=True,
            seen_version=UPDATED,
            idempotency_key="k1",
        )
    sent = route.calls.last.request

    assert {
        "ticket": {
            "comment": {"body": "done", "public": True},
            "safe_update": True,
            "updated_stamp": "2026-01-02T03:04:05Z",
        }
    } == json.loads(sent.content)
    assert "k1" == sent.headers["idempotency-key"]


async def test_a_conflict_is_a_state_that_moved(outside: respx.MockRouter) -> None:
    outside.put("/api/v2/tickets/7").respond(409, json={"error": "UpdateConflict"})
    async with port_of("zendesk", outside) as port:
        with pytest.raises(StateMoved):
            await port.comment(
                "7", body="x", public=False, seen_version=1, idempotency_key="k"
            )


async def test_a_search_holds_words_alone(outside: respx.MockRouter) -> None:
    """No word can become an operator."""
    outside.get("/api/v2/search").respond(json={"results": [TICKET], "users": [USER]})
    async with port_of("zendesk", outside) as port:
        [found] = await port.search('log-in fails requester:"x" -status<solved', most=3)

    assert ("7", "Mia", ()) == (found.ticket_id, found.requester_name, found.comments)
    assert (
        "GET /api/v2/search?query=type%3Aticket+log+in+fails+requester+x+status+solved"
        "&include=tickets%28users%29&per_page=3"
    ).replace("+", "%20") == asked(outside)[0].replace("+", "%20")


@pytest.mark.parametrize("ticket_id", ["", "x", "7/../8", "7?x=1", "9" * 30])
async def test_what_is_no_number_is_no_ticket(
    outside: respx.MockRouter, ticket_id: str
) -> None:
    async with port_of("zendesk", outside) as port:
        with pytest.raises(Unreadable, match="no ticket's number"):
            await port.get(ticket_id)
    assert [] == asked(outside)


async def test_what_is_not_read_of_a_long_ticket_is_counted(
    outside: respx.MockRouter,
) -> None:
    """A page holds a hundred comments; how many came before is said."""
    outside.get("/api/v2/tickets/7/comments").respond(
        json={"comments": [COMMENT] * 100, "users": [USER], "count": 143}
    )
    async with port_of("zendesk", outside) as port:
        found = await port.get("7")

    assert (100, 43) == (len(found.comments), found.earlier_comments)


async def test_a_field_that_nobody_knows_is_dropped(outside: respx.MockRouter) -> None:
    """Of a ticket, of a comment and of a user: what is not named is not passed on."""
    more = {"custom_fields": [{"value": "Zebulon"}], "mother": "Zebulon"}
    async with port_of("zendesk", outside) as port:
        outside.get("/api/v2/tickets/7").respond(
            json={"ticket": {**TICKET, **more}, "users": [{**USER, **more}], **more}
        )
        outside.get("/api/v2/tickets/7/comments").respond(
            json={
                "comments": [{**COMMENT, **more}],
                "users": [{**USER, **more}],
                "count": 1,
            }
        )
        found = await port.get("7")

    assert EXPECTED == found
    assert "Zebulon" not in repr(found)
