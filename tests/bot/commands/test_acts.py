"""``/ops take``, ``back``, ``close``: done at once, and said."""

from typing import cast

import pytest

from bot.commands.acts import Acts
from bot.commands.command import Asked
from bot.commands.deciding import Deciding
from orchestrator.intake import Reception
from policy.person import Person
from policy.task import TaskState
from storage import tasks
from storage.steps import Step
from tests.bot.world import OPERATOR, Bot

ANN = Person("ann", "Ann", OPERATOR, frozenset({"reliability-oncall"}))


async def test_a_task_is_taken_handed_back_and_closed(slack_bot: Bot) -> None:
    """By its id, with a note, and again after it was closed."""
    task = await slack_bot.task(title="5xx on /feed")
    words = [
        f"take {task.short_id}",
        f"back {task.short_id}",
        f"close {task.short_id} told ann@example.org about it",
        f"take {task.short_id}",
    ]
    said = [
        await slack_bot.command(one, trigger_id=f"t{number}")
        for number, one in enumerate(words)
    ]
    async with slack_bot.database("web").transaction(slack_bot.scope, Step.look) as tx:
        now = await tasks.get(tx, task.id)

    wanted = ["yours now", "has it again", "Closed.", "closed already"]
    assert all(text in one for text, one in zip(wanted, said, strict=True))
    assert all(f"`{task.short_id}` 5xx on /feed: " in one for one in said)
    assert TaskState.completed == now.state
    assert "told ⟨email:" in now.headline


async def test_a_command_delivered_twice_acts_once(slack_bot: Bot) -> None:
    """Slack's repeat has the same trigger, and is told the same."""
    task = await slack_bot.task()
    first = await slack_bot.command(f"take {task.short_id}")
    again = await slack_bot.command(f"take {task.short_id}")
    [row] = await slack_bot.rows("SELECT count(*) AS n FROM inbox")

    assert "It is yours now" in first
    assert first == again
    assert 1 == row["n"]


async def test_an_act_without_a_task_says_how(slack_bot: Bot) -> None:
    """The mend is named."""
    assert "`/ops tasks` lists them" in await slack_bot.command("take")
    assert "No task `" in await slack_bot.command("close ffffffff it is fine")


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        ("close to fixing it", "close {} to fixing it"),
        ("back to normal now", "back {} to normal now"),
        ("take that with you", "take {}"),
        ("mute the others please", "mute {}"),
        ("unmute yourself", "unmute {}"),
        ("undo nothing yet", "undo {}"),
    ],
)
async def test_a_sentence_in_a_thread_does_nothing(
    slack_bot: Bot, words: str, usage: str
) -> None:
    """Whoever means it is told what to type."""
    task = await slack_bot.task()
    verb, rest = words.split(maxsplit=1)
    asked = Asked(rest, OPERATOR, ANN, [slack_bot.scope], "key", here=task)
    web = slack_bot.database("web")
    groups = (Acts(web, cast("Reception", None)), Deciding(web))
    made = {one.verb: one for group in groups for one in group.commands()}
    said = (await made[verb].run(asked)).text

    assert "Nothing was done" in said
    assert f"`{usage.format(task.short_id)}`" in said
    assert [] == await slack_bot.rows("SELECT id FROM inbox")


async def test_words_that_a_command_takes_not_stop_it(slack_bot: Bot) -> None:
    """With the id too; a word of why behind an id is taken where one is."""
    task = await slack_bot.task()
    muted = await slack_bot.command(f"mute {task.short_id} and the others")
    closed = await slack_bot.command(f"close {task.short_id} it is fine")

    assert f"type `mute {task.short_id}` alone" in muted
    assert "Closed." in closed
