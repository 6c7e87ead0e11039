"""A long Home, over the whole world: cards a page at a time, and by filter."""

from pathlib import Path

import pytest

from bot.blocks.home import filters
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
# A task with a card of each other kind: the data task is the operator's own, and the
# growth card is for people of another role.
_KINDS = """
    WITH others AS (
      INSERT INTO tasks SELECT made.* FROM tasks AS one,
        unnest(ARRAY['safety', 'support', 'growth', 'data']) AS other,
        jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(),
          'kind', other, 'headline', 'about ' || other, 'group_key', 'of ' || other,
          'takeover_by', CASE other WHEN 'data' THEN 'operator' END)) AS made
      WHERE one.kind = 'reliability' RETURNING *)
    INSERT INTO proposals SELECT made.* FROM proposals AS one, others,
      jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(),
        'task_id', others.id, 'key', 'of ' || others.kind, 'alike', '',
        'folded_in', NULL, 'estimate',
        one.estimate || jsonb_build_object('title', 'Change ' || others.kind),
        'roles', CASE others.kind WHEN 'growth' THEN '["growth-lead"]'::jsonb
          ELSE to_jsonb(one.roles) END)) AS made
    WHERE one.state = 'needs_approval'
"""
_OTHERS = ("safety", "support", "growth", "data")
# What each of the filters shows of them; "mine" also lists what is owned.
_SHOWN = {
    **{kind: {kind} for kind in _OTHERS},
    "reliability": set(),
    "mine": {"data"},
    "waiting": {"safety", "support", "data"},
    "all": set(_OTHERS),
}


async def shown_by(me: Person, chosen: str) -> tuple[set[str], set[str], bool]:
    """Choose a filter; give the kinds of which a task, and a card, is shown then."""
    await me.press_in_home("home:filter", selected_option=chosen)
    said = str(await me.home())
    return (
        {kind for kind in _OTHERS if f"about {kind}" in said},
        {kind for kind in _OTHERS if f"Change {kind}" in said},
        "new_ranker" in said,
    )


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_each_filter_shows_its_own(tmp_path: Path) -> None:
    """Of tasks and of cards: by kind, what is mine, and what waits for me."""
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await has(stack, _WAITS)
        stack.change(_KINDS)
        await me.shows_at_home("about safety", "Change safety")
        found = {chosen: await shown_by(me, chosen) for chosen in _SHOWN}

    incidents = {"reliability", "waiting", "all"}
    assert {
        chosen: (kinds, kinds, chosen in incidents) for chosen, kinds in _SHOWN.items()
    } == found
    assert set(filters()) == set(_SHOWN)


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
    assert ("Nothing waits under" in filtered, "Decide" in filtered) == (True, False)
