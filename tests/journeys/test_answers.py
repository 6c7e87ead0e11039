"""Every click is answered where its person looks, over the whole world."""

from pathlib import Path

import pytest

from cli.local_world import CHANNEL
from cli.processes import ROOT
from tests.journeys.person import Person, option, words
from tests.journeys.stack import running_stack
from tests.journeys.test_each_place import has

_EACH = {"AGENTS_FOLDER": str(ROOT / "lab" / "agents")}
_CARD = "SELECT 1 FROM messages WHERE slot LIKE 'fold:%%'"
GENERAL = "C0GENERAL"


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_answers_in_home_in_an_answer_and_in_a_direct_message(
    tmp_path: Path,
) -> None:
    """
    On top of Home; below a card of several that a command showed; and directly.

    What stands in that card too can still be decided there.
    """
    async with running_stack(tmp_path, settings=_EACH) as stack:
        me = Person(stack)
        await stack.lab.break_platform("bad_flag")
        await has(stack, _CARD)
        [(task,)] = stack.rows("SELECT right(id::text, 8) FROM tasks")

        elsewhere = Person(stack, channel=GENERAL)
        await elsewhere.types(f"approve {task}")
        await me.sees("Decide on what you see", "3 alike")
        first, *_ = await me.choices("fold:targets")
        await me.press("fold:targets", selected=[{"value": first}])
        await me.press("fold:approve")
        await me.sees("Approved", GENERAL)
        assert await me.reads("Decide on what you see")

        await me.press_in_home("home:decide")
        asked = str(await me.view("decide:submit"))
        chosen = next(one for one in await me.choices("fold:targets") if one in asked)
        await me.submit(
            "decide:submit",
            targets={"selected_options": [{"value": chosen}]},
            verdict=option("reject"),
            reason=option("too_risky"),
            comment=words("not now"),
        )
        await me.shows_at_home("Rejected. Thank you for the reason.")
        assert not await me.reads("Rejected. Thank you for the reason.")

        for channel in (CHANNEL, GENERAL):
            await stack.post("/lab/leave", {"user": me.user, "channel": channel})
        every = await me.choices("fold:targets")
        last = next(one for one in every if one not in {first, chosen})
        await me.press("fold:targets", selected=[{"value": last}])
        await me.press("fold:approve")
        await me.sees("Approved", "D0OPERATOR")
