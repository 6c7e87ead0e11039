"""``/ops take``, ``back``, ``close``: done at once, and said."""

from policy.task import TaskState
from storage import tasks
from storage.steps import Step
from tests.bot.world import Bot


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
    """Slack's repeat has the same trigger."""
    task = await slack_bot.task()
    await slack_bot.command(f"take {task.short_id}")
    again = await slack_bot.command(f"take {task.short_id}")

    assert "done before" in again


async def test_an_act_without_a_task_says_how(slack_bot: Bot) -> None:
    """The mend is named."""
    assert "`/ops tasks` lists them" in await slack_bot.command("take")
    assert "No task `" in await slack_bot.command("close ffffffff it is fine")
