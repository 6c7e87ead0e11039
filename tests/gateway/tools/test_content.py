"""get_content_360: the content, its author and its friction."""

from dataclasses import replace

from gateway.registry import Occasion
from gateway.tools.content import GET_CONTENT_360, ContentParams, read_content
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_society import CONTENT, TARGET, USER

OCCASION = Occasion(SCOPE, 1_800_000_000.0, None, None)
PARAMS = ContentParams(content_id=CONTENT)


async def test_the_whole_content_is_read(outside: Outside) -> None:
    """With the target that a friction takes, and who wrote it."""
    found = await read_content(PARAMS, outside.ports, OCCASION)

    assert (CONTENT, 2400, []) == (
        found.content_id,
        found.replies_last_hour,
        found.missing,
    )
    assert found.author
    assert found.friction
    assert (USER, TARGET) == (found.author.user_id, found.friction.target)


async def test_a_gathering_has_a_target_of_its_own(outside: Outside) -> None:
    """Its friction is asked under that name; the author may be gone."""
    rows = outside.contents.rows
    rows[CONTENT] = replace(rows[CONTENT], kind="gathering", author_id="u_gone")
    found = await read_content(PARAMS, outside.ports, OCCASION)

    assert None is found.author
    assert [
        "accounts: u_gone: HTTP 404",
        f"frictions: gathering:{CONTENT}: HTTP 404",
    ] == found.missing


def test_what_anybody_writes_is_tainted() -> None:
    """Text and labels."""
    assert {"text", "labels"} == GET_CONTENT_360.tainted_fields
