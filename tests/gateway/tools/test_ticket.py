"""get_ticket: the conversation, bounded, without names."""

from dataclasses import astuple, dataclass, fields, replace

from gateway.redaction.redact import Placeholders, redact
from gateway.registry import Occasion
from gateway.subjects import Comment, Ticket
from gateway.tools.ticket import TicketAnswer, TicketParams, read_ticket
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_work import TICKET

OCCASION = Occasion(SCOPE, 1_800_000_000.0, None, None)


async def read(outside: Outside) -> TicketAnswer:
    return await read_ticket(TicketParams(ticket_id=TICKET), outside.ports, OCCASION)


async def test_a_ticket_is_read(outside: Outside) -> None:
    """Subject, tags, user and comments."""
    found = await read(outside)

    assert ("I can't log in", "u_7", ["login"]) == (
        found.subject,
        found.user_id,
        found.tags,
    )
    assert [True] == [one.public for one in found.comments]


async def test_a_long_conversation_is_kept_whole(outside: Outside) -> None:
    """What an agent gets of it in part is evidence to its last word."""
    rows = outside.tickets.rows
    many = tuple(
        Comment("a", f"{n} " + "x" * 5000, public=True, at=1.0) for n in range(30)
    )
    rows[TICKET] = replace(rows[TICKET], comments=many, earlier_comments=7)
    found = await read(outside)

    assert list(many) == [
        Comment(one.author_name, one.body, public=one.public, at=one.at)
        for one in found.comments
    ]
    assert 7 == found.earlier_comments
    assert found.comments[-1].body.startswith("29 ")


async def test_nobody_is_named(outside: Outside) -> None:
    """Requester and authors leave the gate as placeholders."""
    body = redact((await read(outside)).model_dump(mode="json"), Placeholders(b"k"))

    assert ("⟨name:1⟩", "⟨email:1⟩") == (
        body["requester_name"],
        body["requester_email"],
    )
    assert "Mara" not in str(body)


async def test_a_field_without_a_declaration_leaves_no_gate(outside: Outside) -> None:
    """What a system's row gains is dropped, in the ticket and in its comments."""

    @dataclass(frozen=True)
    class Wider(Ticket):
        mother: str = "Zebulon"

    @dataclass(frozen=True)
    class WiderComment(Comment):
        mother: str = "Zebulon"

    rows = outside.tickets.rows
    said = [WiderComment(*astuple(one)) for one in rows[TICKET].comments]
    known = {one.name: getattr(rows[TICKET], one.name) for one in fields(Ticket)}
    rows[TICKET] = Wider(**{**known, "comments": tuple(said)})
    found = (await read(outside)).model_dump(mode="json")

    assert "Zebulon" in repr(rows[TICKET])
    assert "Zebulon" not in str(found)
    assert set(TicketAnswer.model_fields) == set(found)
