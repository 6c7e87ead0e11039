"""What senders, tools and people write, through every answer of the web process."""

import json
from collections.abc import Mapping

import pytest

from bot.blocks.root import Rendered
from lab.slack.block_rules import check_message_blocks
from storage import tasks
from storage.proposals import Proposal
from storage.steps import Step
from tests.bot.blocks.facts import check_verbatim, harmless, texts
from tests.bot.listeners.test_home import home, opened
from tests.bot.world import Bot, click, value_of
from tests.lab.world import World

WORDS = [
    "<!channel> <!here|here> <@U0SECOND> <#C0GENERAL>",
    "<https://evil.test|Approve> https://evil.test/?q=secret [a](https://evil.test)",
    "*bold* _it_ ~no~ `code` ```block```\n• `8f21` another line\n> quoted",
    "\u202egnitirw\u202c \u2066x\u2069 \u200b\ufeff a\u034fb\u115fc\u3164 \x1b[31m",
    "tags" + "".join(chr(0xE0000 + one) for one in b"approve"),
    "&" * 2000,
    "<" * 2000 + "`" * 500,
    "never 9999-12-31 23:59:59-05:00 0001-01-01T00:00:00+01:00",
    "Backup 2023-11-14 02:00 UTC failed",
]


async def proposed(bot: Bot, words: str) -> Proposal:
    """Store a task and its card, of which all that is foreign says these words."""
    proposal = await bot.proposal(
        roles=("reliability-oncall",),
        because=words,
        summary=words,
        uncited=(words,),
        risk_factors=(words,),
        estimate=dict.fromkeys(("title", "before", "after", "text", "cost"), words),
        undo={"text": words},
        params={"route": words},
        closed_reason=words,
    )
    await bot.sent(proposal.task_id, "root", "1.0001")
    async with bot.database("worker").transaction(bot.scope, Step.look) as tx:
        await tasks.change(tx, proposal.task_id, {"title": words, "headline": words})
    return proposal


def check_answer(answer: Mapping[str, object]) -> None:
    """Hold an answer to Slack's rules, and each of its texts to ours."""
    blocks = answer["blocks"]
    check_message_blocks(json.loads(json.dumps(blocks)))
    check_verbatim(blocks)
    assert isinstance(blocks, list)
    for text in texts(Rendered(str(answer["text"]), blocks)):
        assert harmless(text), ascii(text)


@pytest.mark.parametrize("words", WORDS)
async def test_every_command_answers_without_harm(slack_bot: Bot, words: str) -> None:
    """Whatever stands in titles and cards, and whatever is typed."""
    proposal = await proposed(slack_bot, words)
    short = proposal.task_id.hex[-8:]
    typed = " ".join(words.split())
    asked = [
        *("", "tasks", "tasks mine", "tasks waiting", "tasks reliability"),
        *(f"{verb} {short}" for verb in ("task", "why", "approve", "mute", "unmute")),
        *(f"{verb} {typed}" for verb in ("tasks", "task", "freeze", "thaw", "open")),
        *(f"freeze toggle_feature_flag 30m {typed}", "", typed),
        *(f"take {short}", f"back {short}", f"close {short} {typed}"),
        *(f"undo {short}", f"task {short}", "help"),
    ]

    for text in asked:
        check_answer(await slack_bot.ops(text, trigger_id=text))


@pytest.mark.parametrize("words", WORDS)
async def test_home_and_buttons_answer_without_harm(
    slack_bot: Bot, lab: World, words: str
) -> None:
    """Home as published, and what a click on Why? is told."""
    proposal = await proposed(slack_bot, words)
    await slack_bot.event(opened())
    await slack_bot.interact(click(value_of(proposal), "proposal:why"))
    view = json.loads(await home(lab))["view"]
    [told] = [one for one in (await lab.workspace())["messages"] if one["ephemeral"]]

    check_answer({"text": "", "blocks": view["blocks"]})
    check_answer(told)
