"""A rejection that asks for another plan, and an edit of a date: the whole world."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import pytest
import yaml

from cli.processes import ROOT
from tests.journeys.person import Person, option, words
from tests.journeys.stack import running_stack
from tests.journeys.test_each_place import has, task_is

_AGENT = "reliability-triage"


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_another_plan_is_looked_for(tmp_path: Path) -> None:
    """
    Asked for with a rejection: the run begins anew, and a person is told how it ends.

    A plan that was rejected is not proposed again, so where the playbook knows no other
    a person gets the task, with the reason.
    """
    async with running_stack(tmp_path) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await me.press("proposal:reject")
        await me.submit(
            "reject:submit",
            reason=option("too_risky"),
            comment=words("something softer"),
            again={"selected_options": [{"value": "new_plan"}]},
        )
        await me.sees("Rejected by", "something softer")
        await has(stack, "SELECT 1 FROM runs HAVING count(*) = 2")
        await task_is(stack, "escalated_to_human")
        await me.sees("needs a person")
        plans = stack.rows("SELECT plan FROM tasks")
        states = stack.rows("SELECT state FROM proposals")

    assert [(2,)] == plans
    assert [("rejected",)] == [one for one in states if one != ("denied",)]


def with_a_date(folder: Path, until: datetime) -> dict[str, str]:
    """Write the shipped agent with one more step: a friction that ends by then."""
    agents = folder / "agents"
    shutil.copytree(ROOT / "lab" / "agents", agents)
    path = agents / _AGENT / "1.yaml"
    text = yaml.safe_load(path.read_text())
    text["tools"] = ["get_dashboard_snapshot", "apply_friction"]
    look, *_ = text["playbook"]["steps"]
    step = {
        "propose": "slow",
        "tool": "apply_friction",
        "params": {
            "target": "content:c_2001",
            "friction_type": "slow_mode",
            "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        },
        "reason_code": "dogpile",
        "summary": "Slow it down",
        "because": "It is busy.",
        "cites": ["snapshot"],
        "confidence": 0.5,
        "then": "finish",
    }
    text["playbook"]["steps"] = [look, step]
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return {"AGENTS_FOLDER": str(agents)}


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_date_is_edited_in_the_readers_zone(tmp_path: Path) -> None:
    """Chosen and shown in it, by form, diff and card; stored in UTC."""
    minute = datetime.fromtimestamp(time() // 60 * 60, UTC)
    until, later = minute + timedelta(hours=6), minute + timedelta(hours=30)
    async with running_stack(tmp_path, settings=with_a_date(tmp_path, until)) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await me.press("proposal:edit")
        form = str(await me.view("edit:submit"))
        chosen = {"selected_date_time": int(later.timestamp())}
        await me.submit("edit:submit", **{"param:expires_at": chosen})
        diff = str(await me.view("edit:confirm"))
        await me.submit("edit:confirm", comment=words("longer"))
        await me.sees("edited by", f"<!date^{int(later.timestamp())}^")
        [(stored,)] = stack.rows(
            "SELECT params->>'expires_at' FROM proposals WHERE edited_by IS NOT NULL"
        )

    assert "in your own time zone" in form
    assert f"'initial_date_time': {int(until.timestamp())}" in form
    assert f"<!date^{int(until.timestamp())}^" in diff
    assert f"<!date^{int(later.timestamp())}^" in diff
    assert f"{later:%Y-%m-%dT%H:%M:%SZ}" == stored
