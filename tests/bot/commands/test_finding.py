"""Which task is meant."""

import pytest

from bot.commands.command import Asked
from bot.commands.finding import find_task
from storage.tasks import Task
from tests.bot.world import Bot


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


async def meant(
    bot: Bot, words: str, *, here: Task | None = None
) -> tuple[Task | str, str]:
    asked = Asked(words, "U0OPERATOR", None, [bot.scope], "key", here)
    return await find_task(bot.database("web"), asked)


async def named(bot: Bot, start: str) -> Task:
    """Make tasks until one's id begins with such a digit."""
    while True:
        task = await bot.task()
        if task.short_id.startswith(start):
            return task


@pytest.mark.parametrize(
    "words", ["a false alarm", "bad deploy", "500 errors are gone", "decade old noise"]
)
async def test_in_a_thread_a_word_is_a_word(slack_bot: Bot, words: str) -> None:
    """Though some other task's id begins so."""
    await named(slack_bot, words[0])
    here = await slack_bot.task()

    assert (here, words) == await meant(slack_bot, words, here=here)


async def test_in_a_thread_a_whole_id_names_another(slack_bot: Bot) -> None:
    """The words behind it are the note; an unknown one closes nothing."""
    other, here = await slack_bot.task(), await slack_bot.task()
    unknown = ("0" if other.short_id[0] != "0" else "1") + other.short_id[1:]

    assert (other, "twice") == await meant(
        slack_bot, f"`{other.short_id}` twice", here=here
    )
    assert "No task" in str((await meant(slack_bot, f"{unknown} x", here=here))[0])


async def test_in_a_thread_half_an_id_asks_back(slack_bot: Bot) -> None:
    """It may be a word; of this task it is its own id, and no note."""
    other, here = await slack_bot.task(), await slack_bot.task()
    asked, _ = await meant(slack_bot, f"{other.short_id[:7]} twice", here=here)
    own = await meant(slack_bot, f"{here.short_id[:7]} twice", here=here)

    assert other.short_id in str(asked)
    assert "nothing was done" in str(asked)
    assert (here, "twice") == own


async def test_an_unlike_id_names_nobody_s_task(slack_bot: Bot) -> None:
    """Two digits in common are chance."""
    task = await slack_bot.task(title="mail to ⟨email:kqzvbnwt⟩ fails")
    other = "0" if task.short_id[2] != "0" else "1"
    two, three = task.short_id[:2] + other * 6, task.short_id[:3] + "zz"
    [far, near] = [await slack_bot.command(f"task {one}") for one in (two, three)]

    assert "`/ops tasks` lists what is open" in far
    assert f"`{task.short_id}` (mail to [an email address] fails)" in near


@pytest.mark.parametrize("form", ["{0.id}", "#{0.short_id},", "{0.short_id}\n"])
async def test_an_id_is_read_as_it_is_pasted(slack_bot: Bot, form: str) -> None:
    """Whole, out of a sentence, and before a line's end."""
    here, other = await slack_bot.task(), await slack_bot.task()
    words = form.format(other)

    assert (other, "") == await meant(slack_bot, words)
    assert (other, "it\nburns") == await meant(
        slack_bot, f"{words}\nit\nburns", here=here
    )


async def test_a_whole_id_of_none_is_nobody_s(slack_bot: Bot) -> None:
    """Though it ends as another's does."""
    task = await slack_bot.task()
    found, _ = await meant(slack_bot, f"{'0' * 8}{str(task.id)[8:]}")

    assert "No task `00000000-" in str(found)
