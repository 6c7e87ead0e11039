"""A task in one line."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.task_line import line, waits
from policy.task import TaskState
from tests.bot.blocks.facts import HOSTILE, harmless
from tests.bot.world import BASE, Bot
from tests.samples import a_task

OPENS = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("why", ["cool_down", "silence:01990000", None])
async def test_a_line_tells_id_state_place_and_owner(
    slack_bot: Bot, why: str | None
) -> None:
    """And why there is no thread yet."""
    task = await slack_bot.task(title="<!here> burns")
    owned = replace(task, takeover_by="ann", opens_at=OPENS, waits_for=why)
    said = line(owned)

    assert said.startswith(f"• `{task.short_id}` ")
    assert "*queued* · staging · <#" in said
    assert " · ann · no thread before <!date^1767323045^" in said
    assert "<!here>" not in said
    assert "" == waits(task)


def test_a_state_is_told_in_words() -> None:
    """As the root message has it."""
    assert "*needs a person*" in line(a_task(state=TaskState.escalated_to_human))


@given(HOSTILE, HOSTILE, st.sampled_from(["", f"{BASE}archives/C0OPS/p10001"]))
def test_hostile_words_make_a_harmless_line(
    words: str, owner: str, address: str
) -> None:
    """One line, whatever a sender writes into a title; its link is ours."""
    task = a_task(headline=words, takeover_by=owner, opens_at=OPENS, waits_for=words)
    said = line(task, address)

    assert harmless(said), ascii(said)
    assert "\n" not in said
