"""Cards that one person alone does not decide: by rule, and by habit."""

from pathlib import Path

import pytest
import yaml

from cli.processes import ROOT
from tests.journeys.person import Person
from tests.journeys.stack import Stack, running_stack
from tests.journeys.test_each_place import has, task_is

_SECOND = "U0SECOND"
_VOTES = "SELECT person, evidence_opened, worn FROM approvals ORDER BY created_at"


def rules_with(folder: Path, **changed: object) -> dict[str, str]:
    """Copy the shipped policy; its first rule of who approves is changed."""
    made = folder / "rules"
    made.mkdir()
    for path in (ROOT / "policy" / "rules").iterdir():
        if path.is_file():
            (made / path.name).write_text(path.read_text())
    people = made / "people.yaml"
    text = yaml.safe_load(people.read_text())
    rule = next(one for one in text["approvals"] if one["id"] == "oncall-approves")
    rule |= changed
    if rule["quorum"] > 1:
        del rule["grant"]  # one alone must not allow what one alone may not do
    people.write_text(yaml.safe_dump(text, sort_keys=False))
    return {"POLICY_FOLDER": str(made)}


def executions(stack: Stack) -> list[tuple[object, ...]]:
    return stack.rows("SELECT kind, outcome FROM executions")


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_two_people_approve_what_needs_two(tmp_path: Path) -> None:
    """The first vote runs nothing, and is told so; given twice it counts once."""
    settings = rules_with(tmp_path, quorum=2)
    async with running_stack(tmp_path, settings=settings) as stack:
        one, two = Person(stack), Person(stack, _SECOND)
        await stack.lab.break_platform("bad_flag")
        await one.sees("needs  *2 of reliability-oncall*")
        await one.press("proposal:approve")
        await one.sees("(has 1: *operator*")
        await one.press("proposal:approve")
        await one.sees("Your approval is counted already")
        alone = (executions(stack), stack.rows(_VOTES))
        await two.press("proposal:approve")
        await two.sees("Done and verified", "*operator*", "*second*")
        await task_is(stack, "completed")
        together = executions(stack)

    assert ([], [("operator", False, False)]) == alone
    assert [("apply", "applied")] == together


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_habit_needs_one_more_who_has_read(tmp_path: Path) -> None:
    """
    An approval without its evidence opened, once too often: the card says so and waits.

    The same person opens it and approves again, which counts in full.
    """
    unread = {"of": 1, "hasty_seconds": 1, "most_hasty": 1, "most_unread": 0}
    settings = rules_with(tmp_path, fatigue=unread)
    async with running_stack(tmp_path, settings=settings) as stack:
        one = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await one.press("proposal:approve")
        await one.sees("needs  *2 of", "evidence not opened", "one more is needed")
        waiting = executions(stack)
        await one.press("proposal:evidence")
        assert "get_dashboard_snapshot" in str(await one.view())
        await one.closes()
        await one.press("proposal:approve")
        await one.sees("Done and verified", "*operator*")
        await has(stack, "SELECT 1 FROM tasks WHERE state = 'completed'")
        votes = stack.rows(_VOTES)
        ran = executions(stack)

    assert [] == waiting
    assert [("operator", True, False)] == votes[-1:]
    assert [("apply", "applied")] == ran
