"""Fifty people click at once, through three web processes, one of which dies."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from cli.lab_client import Button
from cli.processes import ROOT
from lab.slack.directory import crowd
from tests.journeys.stack import (
    APPROVE,
    Stack,
    find_button,
    running_stack,
    until,
)

_SECONDS = 90.0
_PEOPLE = sorted(crowd(50))
# Each second one may approve; the others are told whose it is.
_MAY = _PEOPLE[::2]
_KEPT = "SELECT payload->>'slack_user' FROM inbox WHERE source = 'slack'"
_LOGGED = "SELECT actor FROM ledger WHERE event LIKE 'task.click_%'"
_DEATHS = ("before:store_click", "after:store_click")


@pytest.mark.services
@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", _DEATHS)
async def test_fifty_clicks_at_once_are_one_execution_and_fifty_answers(
    tmp_path: Path, point: str
) -> None:
    """
    One execution; for each click that was kept one ledger row and one answer.

    Who is shown that the app did not answer clicks again: of those, what was kept
    before the process died is a click of its own.
    """
    settings = {"POLICY_FOLDER": str(_policy(tmp_path)), "LAB_CROWD": "50"}
    async with running_stack(tmp_path, settings=settings, webs=3) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _has_card(stack), "a card", _SECONDS)
        button = await find_button(stack, APPROVE)
        assert button is not None

        stack.arm(point)
        tries = await asyncio.gather(
            *(_click_until_heard(stack, button, user) for user in _PEOPLE)
        )
        await until(lambda: _is_over(stack), "it is executed and told", _SECONDS)
        kept = _count(
            stack, "SELECT payload->>'slack_user' FROM inbox WHERE source = 'slack'"
        )
        logged = _count(
            stack, "SELECT actor FROM ledger WHERE event LIKE 'task.click_%'"
        )
        told = {user: await _told(stack, user) for user in _PEOPLE}

        died, restarts = stack.was_killed(point), stack.supervisor.restarts
        outcomes = stack.rows("SELECT outcome FROM executions")
        writes = len(await stack.lab.writes())

    said = Counter(_kind(text) for texts in told.values() for text in texts)
    print(f"{sum(tries)} clicks, {sum(kept.values())} kept, {dict(said)}")
    assert (True, 1) == (died, sum(restarts.values()))
    assert ([("applied",)], 1) == (outcomes, writes)
    assert set(_PEOPLE) == set(kept)
    assert kept == logged == Counter({user: len(texts) for user, texts in told.items()})
    # Each click that no answer came to was made again, and some of them was kept.
    assert 50 <= sum(kept.values()) <= sum(tries)
    assert 50 < sum(tries)
    assert 1 == said["approved"]
    assert set(said) <= {"approved", "decided", "not theirs"}


def _kind(text: str) -> str:
    """Sort an answer: each person is told what became of their click."""
    if text == "Approved. It runs now.":
        return "approved"
    if text.startswith("Already decided: "):
        return "decided"
    return "not theirs" if "This one is for reliability-oncall" in text else text


async def _click_until_heard(stack: Stack, button: Button, user: str) -> int:
    """Click as a person does: again, while Slack shows that the app did not answer."""
    tries = 0
    while True:
        tries += 1
        act = {
            "user": user,
            "channel": button.channel,
            "message_ts": button.message_ts,
            "action_id": button.action_id,
            "block_id": button.block_id,
            "value": button.value,
            # The buttons go once a decision stands; this click was under way before.
            "stale": True,
        }
        answer = await stack.post("/lab/act/click", act)
        if answer.json().get("ok"):
            return tries
        await asyncio.sleep(0.2)


def _policy(folder: Path) -> Path:
    """Give the shipped policy with fifty people more, each second with a role."""
    made = folder / "rules"
    shutil.copytree(ROOT / "policy" / "rules", made)
    text = yaml.safe_load((made / "people.yaml").read_text())
    text["people"] += [
        {
            "id": user.removeprefix("U0").lower(),
            "name": user,
            "slack_user": user,
            "roles": ["reliability-oncall"] if user in _MAY else [],
        }
        for user in _PEOPLE
    ]
    (made / "people.yaml").write_text(yaml.safe_dump(text))
    return made


async def _has_card(stack: Stack) -> bool:
    return await find_button(stack, APPROVE) is not None


async def _is_over(stack: Stack) -> bool:
    waits = (
        "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending')"
        " + (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))"
        " + (SELECT count(*) FROM tasks WHERE state <> 'completed')"
    )
    return stack.rows(waits) == [(0,)]


def _count(stack: Stack, query: str) -> Counter[str]:
    return Counter(str(row[0]) for row in stack.rows(query))


async def _told(stack: Stack, user: str) -> Sequence[str]:
    """Give what the app said to one person alone."""
    found = (await stack.get(f"/lab/workspace?user={user}"))["messages"]
    return [
        str(one["text"]) for one in found if one.get("ephemeral") and one.get("bot_id")
    ]
