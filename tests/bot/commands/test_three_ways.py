"""A slash command, a mention and a direct message: the same words, the same answer."""

import json
import re
from typing import cast

import pytest

from bot.commands.registry import make_registry
from bot.links import Links
from bot.web import Rules
from orchestrator.intake import Reception
from storage.database import Database
from storage.steps import Step
from storage.tasks import Task
from tests.bot.commands.test_deciding import acted
from tests.bot.listeners.test_messages import answers, direct, said
from tests.bot.world import Bot
from tests.lab.world import World
from tests.samples import add_proposal

# What is typed, and what is typed before each time so that all ways find the same.
_ASKED = {
    "": ("", ""),
    "help": ("help", ""),
    "help freeze": ("help freeze", ""),
    "open": ("open feed: replies to {} are slow", ""),
    "open what": ("open", ""),
    "tasks": ("tasks", ""),
    "tasks waiting": ("tasks waiting", ""),
    "task": ("task {}", ""),
    "task of nothing": ("task ffffffff", ""),
    "why": ("why {}", ""),
    "approve": ("approve {}", ""),
    "reject": ("reject {}", ""),
    "undo": ("undo {}", ""),
    "take": ("take {}", ""),
    "back": ("back {}", "take {}"),
    "mute": ("mute {}", ""),
    "unmute": ("unmute {}", "mute {}"),
    "close": ("close {} a false alarm", ""),
    "level": ("level", ""),
    "freeze": ("freeze staging 30m bad deploy", "thaw staging"),
    "thaw": ("thaw staging", "freeze staging 30m bad deploy"),
    "ask": ("ask why", ""),
    "agents": ("agents", ""),
    "policy": ("policy", ""),
    "evals": ("evals", ""),
    "postmortem": ("postmortem", ""),
    "misspelt": ("aprove {}", ""),
}
_ID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?\b")
_INSTANT = re.compile(r"<!date[^>]*>")
_WAYS = ("slash", "mention", "direct")


async def prepared(bot: Bot) -> dict[str, Task]:
    """Open for each way a task like the others': with a card, and something done."""
    made = {}
    for way in _WAYS:
        made[way] = await bot.task(title="5xx on /feed")
        await acted(bot, made[way])
        async with bot.database("gateway").transaction(bot.scope, Step.set_up) as tx:
            await add_proposal(tx, made[way])
    return made


async def told(bot: Bot, lab: World, way: str, words: str) -> tuple[str, str]:
    """Say it that way; give text and blocks, all ids and instants alike."""
    if way == "slash":
        answer = await bot.ops(words, trigger_id=f"{way} {words}")
    else:
        says = said if way == "mention" else direct
        await bot.event(says(words, ts=f"17000000{_WAYS.index(way)}0.000100"))
        answer = (await answers(lab))[-1]
    for block in answer["blocks"]:
        block.pop("block_id", None)
        for one in block.get("elements", []):
            one.pop("value", None)
    blocks = json.dumps(answer["blocks"], sort_keys=True)
    text, told = (_INSTANT.sub("WHEN", one) for one in (answer["text"], blocks))
    return _ID.sub("ID", text), _ID.sub("ID", told)


@pytest.mark.parametrize("asked", _ASKED)
async def test_all_ways_say_the_same(slack_bot: Bot, lab: World, asked: str) -> None:
    """Word for word, buttons too."""
    tasks = await prepared(slack_bot)
    words, before = _ASKED[asked]
    found = {}
    for way, task in tasks.items():
        if before:
            typed = before.format(task.short_id)
            await slack_bot.ops(typed, trigger_id=f"before {way}")
        found[way] = await told(slack_bot, lab, way, words.format(task.short_id))

    assert found["slash"][0]
    assert found["slash"] == found["mention"]
    assert found["slash"] == found["direct"]


def test_each_command_is_among_them(rules: Rules) -> None:
    """A new one is added here."""
    registry = make_registry(
        cast("Database", None),
        cast("Reception", None),
        rules.people,
        rules.names,
        cast("Links", None),
    )

    assert set() == set(registry.verbs) - set(_ASKED)
