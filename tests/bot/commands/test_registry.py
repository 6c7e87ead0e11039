"""Which command a word is, and who may use it."""

import pytest

from bot.web import Rules
from tests.bot.blocks.facts import harmless
from tests.bot.world import Bot

BUILT = [
    "open",
    "tasks",
    "task",
    "why",
    "approve",
    "reject",
    "undo",
    "take",
    "back",
    "mute",
    "level",
]
LATER = ["ask", "agents", "policy", "postmortem"]


async def test_help_names_what_there_is(slack_bot: Bot) -> None:
    """Each verb, those not built yet among them."""
    said = await slack_bot.command("help")

    assert [] == [verb for verb in BUILT if f"`/ops {verb} " not in said]
    assert harmless(said)
    assert f"Not built yet: {', '.join(f'`{verb}`' for verb in LATER)}." in said


@pytest.mark.parametrize("verb", [*BUILT, "unmute", "evals", "close", "freeze", "thaw"])
async def test_help_on_a_command_says_how_it_is_typed(
    slack_bot: Bot, verb: str
) -> None:
    """Its usage, an example, and for whom it is; and of that one alone."""
    said = await slack_bot.command(f"help {verb}")
    usage, example, *rest = said.splitlines()

    assert usage.startswith(f"*`/ops {verb}")
    assert f"For example `/ops {verb}" in example
    assert "people.yaml" in rest[-1] or "Whoever may" in rest[-1]
    assert harmless(said)


@pytest.mark.parametrize("words", ["help freezee", "help /ops freeze"])
async def test_help_finds_the_command_that_is_meant(slack_bot: Bot, words: str) -> None:
    """Misspelled, or with what is typed before it."""
    assert "`/ops freeze" in (await slack_bot.command(words)).splitlines()[0]


async def test_an_unknown_word_is_named_and_helped(slack_bot: Bot) -> None:
    """What was typed is quoted without harm, and the nearest word is offered."""
    said = await slack_bot.command("aprove 3fa9")
    odd = await slack_bot.command("<!channel> now")

    assert "Did you mean `/ops approve`?" in said
    assert "<!channel>" not in odd


@pytest.mark.parametrize("verb", LATER)
async def test_what_is_not_built_says_so_in_a_line(slack_bot: Bot, verb: str) -> None:
    """Nobody waits for an answer that never comes."""
    said = await slack_bot.command(verb)

    assert 1 == len(said.splitlines())


@pytest.mark.parametrize("user", ["U0GUEST", "U0NOBODY"])
@pytest.mark.parametrize("text", ["", "tasks", "open it burns", "take 1", "approve 1"])
async def test_who_has_no_role_sees_and_does_nothing(
    slack_bot: Bot, user: str, text: str
) -> None:
    """Guests and people of other workspaces, unless people.yaml says so."""
    await slack_bot.task(title="secret plans")
    said = await slack_bot.command(text, user_id=user)

    assert "has a role in `people.yaml`" in said
    assert "secret" not in said
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


def test_others_may_do_what_people_yaml_lets_them(rules: Rules) -> None:
    """Nothing, as it ships."""
    assert not rules.people.may(None, "read")
    assert rules.people.may(rules.people.find("operator"), "act")
    assert not rules.people.may(rules.people.find("guest"), "open")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("take over {}", "It is yours now"),
        ("Stop {}", "It is yours now"),
        ("take\n{}", "It is yours now"),
        ("close {}\nthe cache was cold", "Closed."),
    ],
)
async def test_words_are_read_as_people_type_them(
    slack_bot: Bot, words: str, said: str
) -> None:
    """By the buttons' names, and on several lines."""
    task = await slack_bot.task()

    assert said in await slack_bot.command(words.format(task.short_id))


async def test_hand_back_is_what_its_button_is(slack_bot: Bot) -> None:
    task = await slack_bot.task()
    await slack_bot.command(f"take over {task.short_id}", trigger_id="t0")

    assert "has it again" in await slack_bot.command(f"hand back {task.short_id}")
    assert "`/ops back" in await slack_bot.command("help hand back")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("tasks", "see anything"),
        ("evals", "see anything"),
        ("open it burns", "open tasks"),
        ("approve 1", "decide or change anything"),
    ],
)
async def test_what_a_stranger_may_not_is_a_sentence(
    slack_bot: Bot, text: str, what: str
) -> None:
    said = await slack_bot.command(text, user_id="U0GUEST")

    assert said.startswith(f"You may not {what} here: ")
