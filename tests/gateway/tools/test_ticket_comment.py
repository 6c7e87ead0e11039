"""add_ticket_comment: one comment more of these words."""

import pytest

from gateway.registry import Settled
from gateway.tools import ticket_comment as tool
from gateway.tools.ticket_comment import CommentParams, CommentTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_work import TICKET

SEEN = CommentTarget(ticket_id=TICKET, status="open", comments=1, alike=0, version=7)


def params(*, public: bool = True) -> CommentParams:
    return CommentParams(ticket_id=TICKET, body="A new link is sent.", public=public)


@pytest.mark.parametrize(("public", "people"), [(True, 1), (False, 0)])
async def test_reach_is_who_reads_it(
    outside: Outside, people: int, *, public: bool
) -> None:
    """The requester, or nobody outside."""
    wanted = params(public=public)
    seen = await tool.observe(wanted, outside.ports)
    found = await tool.estimate(wanted, seen, outside.ports)

    assert (SEEN, people) == (seen, found.amount)


async def test_verified_when_it_stands_there(outside: Outside) -> None:
    """Once more than before, whatever was said earlier."""
    first = await tool.execute(params(), SEEN, outside.ports, order("k1"))
    early = await tool.verify(params(), first, outside.ports)
    await tool.execute(params(), first, outside.ports, order("k2"))
    late = await tool.verify(params(), first, outside.ports)

    assert (1, False, True) == (first.alike, early.done, late.done)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, Settled.not_applied),
        ({"version": 8, "comments": 2, "alike": 1}, Settled.applied),
        ({"version": 8, "comments": 2}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """Somebody else's comment is not ours."""
    assert expected is tool.reconcile(params(), SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """An answer or a note."""
    assert f"Answer ticket {TICKET}" == tool.title(params())
    assert f"Leave a note on ticket {TICKET}" == tool.title(params(public=False))
    assert ("1 comment", "one more, public") == tool.describe(params(), SEEN)
