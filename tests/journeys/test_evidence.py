"""Everything that a card cites is reached, over the whole world."""

from pathlib import Path

import pytest

from tests.journeys.person import Person
from tests.journeys.stack import running_stack, until
from tests.journeys.test_each_place import has

_WAITS = "SELECT 1 FROM messages WHERE slot LIKE 'proposal:%%'"
_SECONDS = 60.0
# Twelve pieces more like the first; the card cites these alone.
_MANY = """
    WITH more AS (
      INSERT INTO evidence SELECT made.* FROM evidence AS one,
        generate_series(1, 12) AS number,
        jsonb_populate_record(one, jsonb_build_object(
          'id', md5(one.id::text || number)::uuid)) AS made
      WHERE one.id = (SELECT id FROM evidence LIMIT 1) RETURNING id)
    UPDATE proposals SET evidence_ids = (SELECT jsonb_agg(id) FROM more)
    WHERE state = 'needs_approval'
"""


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_more_evidence_is_turned_to(tmp_path: Path) -> None:
    """Twelve pieces: ten, then two, and back, in the one modal."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await has(stack, _WAITS)
        stack.change(_MANY)
        await me.press("proposal:evidence")
        await _shows(me, "1 to 10 of 12 cited")
        await me.press_in_view("evidence:more")
        await _shows(me, "11 to 12 of 12 cited")
        await me.press_in_view("evidence:back")
        await _shows(me, "1 to 10 of 12 cited")
        read = stack.rows("SELECT person FROM evidence_views")

    assert [("operator",)] == read


async def _shows(me: Person, words: str) -> None:
    async def shown() -> bool:
        return words in str(await me.view())

    await until(shown, f"the modal says {words}", _SECONDS)
