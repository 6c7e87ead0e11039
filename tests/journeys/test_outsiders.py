"""Guests and people of other workspaces, over the whole world: they decide nothing."""

import shutil
from pathlib import Path

import pytest

from cli.processes import ROOT
from tests.journeys.person import Person
from tests.journeys.stack import running_stack
from tests.journeys.test_each_place import has

_GUEST = "U0GUEST"
_WAITS = "SELECT 1 FROM proposals WHERE expires_at IS NOT NULL"


def let_them_read(folder: Path) -> dict[str, str]:
    """Write the shipped rules with one change: everybody may read."""
    rules = folder / "rules"
    shutil.copytree(ROOT / "policy" / "rules", rules)
    people = rules / "people.yaml"
    text = people.read_text()
    assert "others: []" in text
    people.write_text(text.replace("others: []", "others: [read]"))
    return {"POLICY_FOLDER": str(rules)}


@pytest.mark.services
@pytest.mark.timeout(300)
@pytest.mark.parametrize("may_read", ["", "read"])
async def test_a_guest_decides_nothing(tmp_path: Path, may_read: str) -> None:
    """As it ships they read nothing either, and each click is answered with why."""
    settings = let_them_read(tmp_path) if may_read else {}
    async with running_stack(tmp_path, settings=settings) as stack:
        guest = Person(stack, user=_GUEST)
        await stack.lab.break_platform("bad_flag")
        await has(stack, _WAITS)
        await guest.types("tasks")
        listed = "discourse" if may_read else "has a role in `people.yaml`"
        await guest.sees("'ephemeral': True", listed)
        await guest.press("proposal:why")
        await guest.sees("prod-asks" if may_read else "people with a role here")
        await guest.press("proposal:edit")
        await guest.press("proposal:reject")
        await guest.sees("That is for people with a role here; nothing was changed.")
        await guest.press("task:take")
        await guest.press("proposal:approve")
        await guest.sees("This one is for", "Nothing was changed.")
        await has(stack, "SELECT 1 FROM inbox WHERE state = 'done'")
        view = (await guest.workspace())["view"]
        states = stack.rows("SELECT state FROM proposals")
        votes = stack.rows("SELECT 1 FROM approvals")
        owners = stack.rows("SELECT takeover_by FROM tasks")

    assert view is None
    assert ([("needs_approval",)], []) == (states, votes)
    assert [(None,)] == owners
