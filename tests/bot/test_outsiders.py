"""Whoever is of another workspace decides nothing, and reads nothing."""

from collections.abc import Mapping

import pytest

from bot.blocks.card_actions import (
    APPROVE,
    CARRIED_OUT,
    EDIT,
    EVIDENCE,
    GRANT,
    REJECT,
    REVEAL,
    UNDO,
    WHY,
    WITHDRAW,
)
from bot.blocks.decide import DECIDE_CALLBACK
from bot.blocks.edit_review import CONFIRM_CALLBACK
from bot.blocks.evidence_view import WHOLE
from bot.blocks.fold import APPROVE as FOLD_APPROVE
from bot.blocks.fold import REJECT as FOLD_REJECT
from bot.blocks.home import DECIDE
from bot.blocks.modals import (
    CLOSE_CALLBACK,
    DONE_CALLBACK,
    EDIT_CALLBACK,
    REJECT_CALLBACK,
)
from bot.blocks.opening import OPEN_CALLBACK
from bot.blocks.root import CLOSE, TAKE
from bot.blocks.text import mapping_of
from bot.listeners.shortcuts import OPEN
from bot.outsiders import NOT_OURS, is_foreign
from lab.json_object import JsonObject
from storage.proposals import Proposal
from storage.steps import Step
from tests.bot.listeners.test_clicks import EDITED, proposal
from tests.bot.listeners.test_home import decision, home, opened
from tests.bot.listeners.test_messages import answers, direct, said
from tests.bot.listeners.test_shortcuts import VALUES, used
from tests.bot.workspace import SlackWorld
from tests.bot.world import OPERATOR, TEAM, Bot, click, submission, value_of

__all__ = ["proposal"]
OTHER = "T0OTHER"
BUTTONS = (
    *(APPROVE, GRANT, UNDO, REVEAL, REJECT, EDIT, WHY, EVIDENCE, WHOLE, CARRIED_OUT),
    *(FOLD_APPROVE, FOLD_REJECT, DECIDE, WITHDRAW, TAKE, CLOSE),
)
FORMS: Mapping[str, dict[str, object]] = {
    EDIT_CALLBACK: dict(EDITED),
    CONFIRM_CALLBACK: dict(EDITED),
    REJECT_CALLBACK: {"comment": {"value": {"value": "no"}}},
    DONE_CALLBACK: {"comment": {"value": {"value": "done"}}},
    CLOSE_CALLBACK: {"comment": {"value": {"value": "over"}}},
    DECIDE_CALLBACK: decision([]),
    OPEN_CALLBACK: VALUES,
}
# What is met in a shared channel of ours, and what comes from another workspace.
SHARED = {"user": {"id": OPERATOR, "team_id": OTHER}}
ELSEWHERE = {"user": {"id": OPERATOR, "team_id": OTHER}, "team": {"id": OTHER}}
UNKNOWN = {"user": {"id": "U0GUEST", "team_id": OTHER}}
# Of the others the first click opens a form, which is refused once it is sent.
READERS = (APPROVE, GRANT, UNDO, REVEAL, WHY, EVIDENCE, WHOLE, DECIDE, WITHDRAW, TAKE)
_JUDGED_HERE = (EDIT_CALLBACK, CONFIRM_CALLBACK, CLOSE_CALLBACK, OPEN_CALLBACK)
_SENT = "SELECT 1 FROM inbox WHERE kind IN ('decision', 'open')"
_KEPT = ("approvals", "evidence_views", "autonomy_overrides")


async def untouched(bot: Bot) -> None:
    """Nothing was decided, opened, taken, or kept as read."""
    assert [] == await bot.rows(_SENT)
    async with bot.database("gateway").transaction(bot.scope, Step.look) as tx:
        for table in _KEPT:
            assert [] == await tx.rows(f"SELECT 1 FROM {table}")  # noqa: S608
    [task] = await bot.rows("SELECT * FROM tasks")
    assert (None, None) == (task["takeover_by"], task["closed_at"])


async def told(lab: SlackWorld) -> str:
    """Give what the operator was told, and every view that was shown."""
    found = (await lab.workspace(OPERATOR))["messages"]
    views = lab.workspace_here.views
    return str([one["text"] for one in found]) + str(views)


@pytest.mark.parametrize("button", BUTTONS)
async def test_in_a_shared_channel_no_button_is_theirs(
    slack_bot: Bot, lab: SlackWorld, proposal: Proposal, button: str
) -> None:
    """Although their id reads like that of somebody who has a role here."""
    value = str(proposal.task_id) if button in {TAKE, CLOSE} else value_of(proposal)
    answer = await slack_bot.interact(click(value, button, **SHARED))

    assert 200 == answer.status_code
    assert NOT_OURS in await told(lab)
    assert "GET /a" not in await told(lab)
    await untouched(slack_bot)


@pytest.mark.parametrize("button", READERS)
async def test_from_another_workspace_no_button_is_theirs(
    slack_bot: Bot, lab: SlackWorld, proposal: Proposal, button: str
) -> None:
    """One to which the app is not connected."""
    value = str(proposal.task_id) if button == TAKE else value_of(proposal)
    await slack_bot.interact(click(value, button, **ELSEWHERE))

    assert "not connected" in await told(lab)
    await untouched(slack_bot)


@pytest.mark.parametrize(
    ("form", "who", "words"),
    [
        *((form, SHARED, NOT_OURS) for form in FORMS),
        *((form, ELSEWHERE, "not connected") for form in FORMS),
        # The gateway refuses their decisions: tests/journeys/test_outsiders.py.
        *((form, UNKNOWN, "with a role") for form in _JUDGED_HERE),
    ],
)
async def test_no_form_is_theirs(
    slack_bot: Bot,
    proposal: Proposal,
    form: str,
    who: dict[str, object],
    words: str,
) -> None:
    """However they came by it: the form says so, and shows nothing."""
    value = str(proposal.task_id) if form == CLOSE_CALLBACK else value_of(proposal)
    answer = await slack_bot.interact(submission(form, value, FORMS[form], **who))

    assert words in answer.text
    assert "GET /a" not in answer.text
    await untouched(slack_bot)


@pytest.mark.parametrize("who", [SHARED, UNKNOWN])
async def test_no_shortcut_is_theirs(
    slack_bot: Bot, lab: SlackWorld, proposal: Proposal, who: dict[str, object]
) -> None:
    """No form is opened; of a message they are told so beside it."""
    user = str(mapping_of(who["user"])["id"])
    trigger = lab.workspace_here.triggers.issue(user, now=lab.clock())
    body = used(OPEN, trigger_id=trigger) | who
    await slack_bot.interact(body)
    view = lab.workspace_here.views.top(user)

    assert proposal.id
    assert view is not None
    assert "with a role here" in str(view.body["blocks"])
    assert "input" not in str(view.body["blocks"])
    await untouched(slack_bot)


@pytest.mark.parametrize("event", [said("tasks"), direct("tasks"), direct("open x")])
async def test_no_word_is_theirs(
    slack_bot: Bot, lab: SlackWorld, proposal: Proposal, event: JsonObject
) -> None:
    """A mention in a shared channel, or a direct message."""
    await slack_bot.event(event | {"team": OTHER, "user_team": OTHER})

    assert [NOT_OURS] == [one["text"] for one in await answers(lab)]
    assert proposal.id
    await untouched(slack_bot)


async def test_no_home_is_theirs(slack_bot: Bot, lab: SlackWorld) -> None:
    """It says so, and nothing else."""
    await slack_bot.event(opened() | {"user_team": OTHER})

    assert "Nothing is shown here" in await home(lab)


@pytest.mark.parametrize("words", ["", "tasks", "approve {id}", "freeze prod 5m x"])
async def test_no_command_of_another_workspace_is_taken(
    slack_bot: Bot, proposal: Proposal, words: str
) -> None:
    """Slack offers a command to members of its own workspace alone."""
    typed = words.format(id=str(proposal.task_id)[-8:])

    assert "not connected" in await slack_bot.command(typed, team_id=OTHER)
    await untouched(slack_bot)


@pytest.mark.parametrize(
    ("body", "foreign"),
    [
        ({"team": {"id": TEAM}, "user": {"id": "U1", "team_id": TEAM}}, False),
        ({"team": {"id": TEAM}, "user": {"id": "U1"}}, False),
        ({"team_id": TEAM, "event": {"team": TEAM}}, False),
        ({"team_id": TEAM, "event": {"team": TEAM, "user_team": OTHER}}, True),
        (SHARED | {"team": {"id": TEAM}}, True),
        (ELSEWHERE | {"view": {"app_installed_team_id": TEAM}}, True),
    ],
)
def test_who_is_of_another_workspace(body: JsonObject, foreign: bool) -> None:  # noqa: FBT001
    """By what Slack signed: their workspace, and the one that it came to."""
    assert foreign == is_foreign(body)
