"""A long Home, over the whole world: cards a page at a time, and by filter."""

from pathlib import Path

import pytest

from tests.journeys.person import Person
from tests.journeys.stack import running_stack
from tests.journeys.test_each_place import has

_WAITS = "SELECT 1 FROM proposals WHERE state = 'needs_approval'"
# More of the same card, each a proposal of its own.
_MORE = """
    INSERT INTO proposals SELECT made.* FROM proposals AS one,
      generate_series(1, 12) AS number,
      jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(),
        'key', 'more ' || number, 'alike', '', 'folded_in', NULL)) AS made
    WHERE one.state = 'needs_approval'
"""


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_cards_are_turned_and_filtered(tmp_path: Path) -> None:
    """Thirteen wait: ten, then three; none of them is a safety task's."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await has(stack, _WAITS)
        stack.change(_MORE)
        await me.shows_at_home("1 to 10 of 13")
        await me.press_in_home("home:cards_older")
        second = str(await me.home())
        await me.press_in_home("home:cards_newer")
        back = str(await me.home())
        await me.press_in_home("home:filter", selected_option="safety")
        filtered = str(await me.home())

    assert "11 to 13 of 13" in second
    assert "1 to 10 of 13" in back
    assert ("Nothing waits." in filtered, "Decide" in filtered) == (True, False)
