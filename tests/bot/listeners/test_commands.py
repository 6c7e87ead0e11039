"""``/ops``: short answers against real rows."""

from datetime import timedelta

import pytest

from policy.alert import Severity
from policy.proposal import ProposalState
from storage.steps import Step
from tests.bot.world import Bot
from tests.samples import add_proposal


async def test_help_names_what_there_is(slack_bot: Bot) -> None:
    """Each command with an example."""
    said = await slack_bot.command("help")

    assert all(f"/ops {verb}" in said for verb in ("open", "task", "help"))


async def test_an_unknown_word_is_named_and_helped(slack_bot: Bot) -> None:
    """What was typed is quoted without harm."""
    said = await slack_bot.command("dance <!channel>")

    assert "There is no `/ops dance`" in said
    assert "<!channel>" not in said


async def test_a_task_is_opened(slack_bot: Bot) -> None:
    """With service and title from the words, in its route's channel."""
    said = await slack_bot.command("open discourse: replies are slow")
    [row] = await slack_bot.rows("SELECT * FROM tasks")

    assert "Opened task `" in said
    assert "<#C0RELIABILITY>" in said
    assert ("discourse", "discourse: replies are slow", "U0OPERATOR") == (
        row["service"],
        row["title"],
        row["opened_by"],
    )


async def test_a_command_delivered_twice_opens_one_task(slack_bot: Bot) -> None:
    """Slack's repeat has the same trigger."""
    await slack_bot.command("open replies are slow")
    again = await slack_bot.command("open replies are slow")

    assert "came before" in again
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


async def test_opening_nothing_says_how(slack_bot: Bot) -> None:
    """An example instead of an error."""
    assert "Say what is wrong" in await slack_bot.command("open")


@pytest.mark.parametrize("text", ["a\0b", "<!channel> now", "\u202egnorw", "x" * 3000])
async def test_odd_words_open_a_task_all_the_same(slack_bot: Bot, text: str) -> None:
    """Whatever is typed, the person is answered."""
    said = await slack_bot.command(f"open {text}")

    assert "Opened task `" in said


async def test_nothing_open_is_said(slack_bot: Bot) -> None:
    """An empty list is an answer."""
    assert "Nothing is open." == await slack_bot.command("task")


async def test_open_tasks_are_listed(slack_bot: Bot) -> None:
    """The most severe first, each with id, state, environment and channel."""
    await slack_bot.task(title="later", severity=Severity.info)
    first = await slack_bot.task(title="first", severity=Severity.critical)
    lines = (await slack_bot.command("task")).splitlines()

    assert [f"`{first.short_id}` first", "later"] == [
        lines[1].split(" · ")[0].removeprefix("• "),
        lines[2].split(" · ")[0].split(" ")[-1],
    ]
    assert "*queued* · staging · <#C0OPS>" in lines[1]


async def test_a_task_that_waits_says_for_what(slack_bot: Bot) -> None:
    """It comes last, however severe, and tells when it gets its thread."""
    opens_at = slack_bot.database.clock() + timedelta(hours=1)
    waits = {"opens_at": opens_at, "waits_for": "cool_down"}
    hidden = await slack_bot.task(title="hidden", severity=Severity.critical, **waits)
    await slack_bot.task(title="open", severity=Severity.info)
    lines = (await slack_bot.command("task")).splitlines()
    shown = await slack_bot.command(f"task {hidden.short_id}")

    assert [" open ", " hidden "] == [
        f" {line.split('` ')[1].split(' ·')[0]} " for line in lines[1:]
    ]
    assert f"no thread before <!date^{int(opens_at.timestamp())}^" in lines[2]
    for said in (lines[2], shown):
        assert said.split("no thread before")[1].endswith("(cool-down)")


async def test_one_task_is_shown(slack_bot: Bot) -> None:
    """By its short id, or the start of it."""
    task = await slack_bot.task(title="5xx on /feed")
    whole = await slack_bot.command(f"task {task.short_id}")
    start = await slack_bot.command(f"task {task.short_id[:5].upper()}")

    assert whole == start
    assert "*5xx on /feed*" in whole
    assert "queued · error · staging · reliability" in whole


async def test_an_id_that_is_nearly_right_is_helped(slack_bot: Bot) -> None:
    """The task that begins alike is named."""
    task = await slack_bot.task()
    typed = task.short_id[:7] + ("0" if task.short_id[7] != "0" else "1")
    said = await slack_bot.command(f"task {typed}")

    assert f"Did you mean `{task.short_id}`" in said


@pytest.mark.parametrize("text", ["%", "_", "zz", "' OR 1=1", "0" * 50, "\0"])
async def test_an_odd_id_is_no_task(slack_bot: Bot, text: str) -> None:
    """No pattern, no injection, no error."""
    await slack_bot.task()
    said = await slack_bot.command(f"task x{text}")

    assert "No task `" in said


async def test_another_workspace_sees_nothing(slack_bot: Bot) -> None:
    """An unknown team is told that it is not connected."""
    await slack_bot.task()
    said = await slack_bot.command("task", team_id="T0NOBODY")

    assert "not connected" in said


async def test_an_undo_is_asked_as_its_button_does(bot: Bot) -> None:
    """The click waits in the inbox, bound to what the task did last."""
    task = await bot.task()
    async with bot.database("gateway").transaction(bot.scope, Step.set_up) as tx:
        done = await add_proposal(tx, task, state=ProposalState.succeeded)
    said = await bot.command(f"undo {task.short_id}")
    [row] = await bot.rows("SELECT payload, kind, state FROM inbox")

    assert "Asked to undo" in said
    assert ("decision", "pending") == (row["kind"], row["state"])
    assert ("undo", str(done.id), done.digest, "U0OPERATOR") == tuple(
        row["payload"][name]
        for name in ("verdict", "proposal_id", "digest", "slack_user")
    )


async def test_nothing_done_is_nothing_to_undo(bot: Bot) -> None:
    """A task that only proposed has nothing to take back."""
    proposal = await bot.proposal()
    [row] = await bot.rows("SELECT id FROM tasks")
    said = await bot.command(f"undo {row['id'].hex[-8:]}")

    assert proposal.state == "needs_approval"
    assert "carried nothing out" in said


async def test_an_undo_of_nothing_says_how(bot: Bot) -> None:
    """The example and where to find the id."""
    said = [await bot.command("undo"), await bot.command("undo ffffffff")]

    assert "/ops undo 3fa94c02" in said[0]
    assert "No task" in said[1]
