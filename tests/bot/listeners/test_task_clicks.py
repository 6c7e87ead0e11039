"""The buttons of a root message: done at once, by whom it is for."""

import pytest

from bot.blocks.card_actions import WITHDRAW
from bot.blocks.modals import CLOSE_CALLBACK
from bot.blocks.root import CLOSE, HAND_BACK, TAKE
from policy.task import TaskState
from storage import tasks
from storage.steps import Step
from storage.tasks import Task
from tests.bot.commands.test_level import given
from tests.bot.world import OPERATOR, Bot, click, submission
from tests.lab.world import World


async def now(bot: Bot, task: Task) -> Task:
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        return await tasks.get(tx, task.id)


async def whispers(lab: World, user: str = OPERATOR) -> list[str]:
    """Give what one person was told alone."""
    found = (await lab.workspace(user))["messages"]
    assert isinstance(found, list)
    return [one["text"] for one in found if one["ephemeral"]]


async def test_a_task_is_taken_and_handed_back(slack_bot: Bot, lab: World) -> None:
    """The person is told in the channel; the root is edited by its courier."""
    task = await slack_bot.task()
    first = await slack_bot.interact(click(str(task.id), TAKE))
    taken = await now(slack_bot, task)
    second = await slack_bot.interact(click(str(task.id), HAND_BACK))
    told = await whispers(lab)

    assert (200, 200) == (first.status_code, second.status_code)
    assert (TaskState.escalated_to_human, "operator") == (
        taken.state,
        taken.takeover_by,
    )
    assert TaskState.queued == (await now(slack_bot, task)).state
    assert ["yours now" in told[0], "has it again" in told[1]] == [True, True]


async def test_a_task_is_closed_with_a_word(slack_bot: Bot) -> None:
    """The modal asks how it ended, and says what came of it."""
    task = await slack_bot.task()
    said = {"value": {"value": "it was <!channel> the cache"}}
    sent = submission(CLOSE_CALLBACK, str(task.id), {"comment": said})
    answer = await slack_bot.interact(sent)
    again = await slack_bot.interact(sent)
    closed = await now(slack_bot, task)

    assert "Closed." in answer.text
    assert answer.text == again.text
    assert TaskState.completed == closed.state
    assert "it was <!channel> the cache" in closed.headline


@pytest.mark.parametrize("action", [TAKE, HAND_BACK, CLOSE])
@pytest.mark.parametrize("user", ["U0GUEST", "U0NOBODY"])
async def test_who_has_no_role_changes_nothing(
    slack_bot: Bot, lab: World, action: str, user: str
) -> None:
    """They are told, and no modal opens."""
    task = await slack_bot.task()
    await slack_bot.interact(click(str(task.id), action, user={"id": user}))

    assert TaskState.queued == (await now(slack_bot, task)).state
    if user == "U0GUEST":
        text = "That is for people with a role here; nothing was changed."
        assert [text] == await whispers(lab, user)


@pytest.mark.parametrize(
    "value", ["", "no-uuid", "01990000-0000-7000-8000-000000000000"]
)
async def test_a_button_of_nobody_s_is_answered(
    slack_bot: Bot, lab: World, value: str
) -> None:
    """Forged, or another tenant's."""
    await slack_bot.interact(click(value, TAKE))
    [told] = await whispers(lab)

    assert "not one of Ops Autopilot's" in told or "not known here" in told


async def test_another_workspace_s_task_is_not_known(
    slack_bot: Bot, lab: World
) -> None:
    """However right its id is."""
    task = await slack_bot.task()
    body = click(str(task.id), TAKE) | {"team": {"id": "T0OTHER"}}
    await slack_bot.interact(body)

    assert TaskState.queued == (await now(slack_bot, task)).state
    assert ["This workspace is not connected to Ops Autopilot."] == await whispers(lab)


async def test_a_grant_is_withdrawn_from_its_card(slack_bot: Bot, lab: World) -> None:
    """By who has a role; a guest is told that it is not theirs."""
    made = await given(slack_bot)
    value = f"{made.proposal_id}.{made.id}"
    guest = {"id": "U0GUEST"}
    await slack_bot.interact(click(value, WITHDRAW, user=guest))
    [before] = await slack_bot.rows("SELECT withdrawn_by FROM autonomy_overrides")
    await slack_bot.interact(click(value, WITHDRAW))
    [after] = await slack_bot.rows("SELECT withdrawn_by FROM autonomy_overrides")

    assert (None, "operator") == (before["withdrawn_by"], after["withdrawn_by"])
    assert "is withdrawn" in (await whispers(lab))[-1]
    assert "with a role" in (await whispers(lab, "U0GUEST"))[-1]


async def test_a_grant_button_of_nobody_s_is_answered(
    slack_bot: Bot, lab: World
) -> None:
    proposal = await slack_bot.proposal()
    await slack_bot.interact(click(f"{proposal.id}.zzz", WITHDRAW))

    assert "not one of" in (await whispers(lab))[-1]


async def test_a_stale_root_takes_a_task_from_nobody(
    slack_bot: Bot, lab: World
) -> None:
    """Two saw that nobody had it; the second is told who has, and how to take it."""
    task = await slack_bot.task()
    for user, at in (("U0SECOND", "3.4"), (OPERATOR, "3.5")):
        body = click(f"{task.id}.", TAKE, user={"id": user})
        body["actions"][0]["action_ts"] = at  # type: ignore[index]
        await slack_bot.interact(body)
    [told] = await whispers(lab)
    had = (await now(slack_bot, task)).takeover_by
    await slack_bot.command(f"take {task.short_id}")

    assert f"{had} took it over meanwhile; nothing was changed" in told
    assert f"`/ops take {task.short_id}`" in told
    assert "operator" != had
    assert "operator" == (await now(slack_bot, task)).takeover_by


async def test_a_root_that_shows_its_owner_stops_for_another(slack_bot: Bot) -> None:
    """Who saw whose it is, and clicks, means it."""
    task = await slack_bot.task()
    await slack_bot.interact(click(f"{task.id}.", TAKE, user={"id": "U0SECOND"}))
    owner = (await now(slack_bot, task)).takeover_by
    await slack_bot.interact(click(f"{task.id}.{owner}", TAKE))

    assert "operator" == (await now(slack_bot, task)).takeover_by


@pytest.mark.parametrize(("action", "typed"), [(HAND_BACK, "back"), (CLOSE, "close")])
async def test_a_stale_root_ends_nobody_s_work(
    slack_bot: Bot, lab: World, action: str, typed: str
) -> None:
    """It shows its old owner: who clicks is told whose it is, and what to type."""
    task = await slack_bot.task()
    await slack_bot.command(f"take {task.short_id}")
    await slack_bot.command(
        f"take {task.short_id}", user_id="U0SECOND", trigger_id="t2"
    )
    had = await now(slack_bot, task)
    value = f"{task.id}.operator"
    if action == CLOSE:
        said = (await slack_bot.interact(submission(CLOSE_CALLBACK, value, {}))).text
    else:
        await slack_bot.interact(click(value, action))
        said = (await whispers(lab))[-1]
    left = await now(slack_bot, task)
    await slack_bot.command(f"{typed} {task.short_id}", trigger_id="t3")

    assert f"{had.takeover_by} took it over meanwhile; nothing was changed" in said
    assert f"/ops {typed} {task.short_id}" in said
    assert "operator" != had.takeover_by
    assert (had.state, had.takeover_by) == (left.state, left.takeover_by)
    assert had.state != (await now(slack_bot, task)).state


@pytest.mark.parametrize("action", [HAND_BACK, CLOSE])
async def test_a_root_that_shows_its_owner_ends_their_work(
    slack_bot: Bot, action: str
) -> None:
    """Who saw whose it is, and clicks, means it."""
    task = await slack_bot.task()
    await slack_bot.command(
        f"take {task.short_id}", user_id="U0SECOND", trigger_id="t2"
    )
    had = await now(slack_bot, task)
    value = f"{task.id}.{had.takeover_by}"
    body = submission(CLOSE_CALLBACK, value, {})
    await slack_bot.interact(body if action == CLOSE else click(value, action))

    assert had.state != (await now(slack_bot, task)).state
