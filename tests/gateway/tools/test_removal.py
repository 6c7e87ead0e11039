"""remove_content: counted by its thread."""

import pytest

from gateway.registry import Settled
from gateway.tools import removal as tool
from gateway.tools.removal import RemovalParams, RemovalTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import CONTENT, USER

PARAMS = RemovalParams(content_id=CONTENT)
SEEN = RemovalTarget(
    content_id=CONTENT,
    author_id=USER,
    kind="post",
    status="visible",
    views_last_hour=5200,
    thread_size=180,
    version=7,
)


async def test_content_is_observed_without_its_words(outside: Outside) -> None:
    """A card is read by many."""
    assert SEEN == await tool.observe(PARAMS, outside.ports)


@pytest.mark.parametrize(("thread", "pieces"), [(180, 180), (0, 1)])
async def test_reach_is_the_thread(outside: Outside, thread: int, pieces: int) -> None:
    """Itself at least."""
    seen = SEEN.model_copy(update={"thread_size": thread})
    found = await tool.estimate(PARAMS, seen, outside.ports)

    assert (pieces, "pieces of content") == (found.amount, found.unit)


async def test_it_is_verified_once_removed(outside: Outside) -> None:
    """And not before."""
    early = await tool.verify(PARAMS, SEEN, outside.ports)
    after = await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    late = await tool.verify(PARAMS, SEEN, outside.ports)

    assert (False, "removed", True) == (early.done, after.status, late.done)
    assert "incident_mitigation" == outside.contents.rows[CONTENT].removed_reason


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, Settled.not_applied),
        ({"version": 8, "status": "removed"}, Settled.applied),
        ({"version": 8}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """By version, then by what is meant."""
    assert expected is tool.reconcile(PARAMS, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """In one line, and before and after."""
    assert f"Remove content {CONTENT}" == tool.title(PARAMS)
    assert ("visible", "removed") == tool.describe(PARAMS, SEEN)


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ({}, None),
        ({"status": "removed"}, f"post {CONTENT} is removed"),
    ],
)
def test_what_stands_already_is_said(
    now: dict[str, object], stands: str | None
) -> None:
    """Nobody removes twice."""
    assert stands == tool.already(PARAMS, SEEN.model_copy(update=now))
