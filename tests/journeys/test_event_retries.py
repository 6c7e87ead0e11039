"""Events that come twice, late, out of order, or after the app was away: each once."""

from pathlib import Path

import pytest

from cli.local_world import CHANNEL
from tests.journeys.stack import Stack, running_stack, until

_SECONDS = 120.0
_BOT = "U0AUTOPILOT"
# A minute of Slack's is ten seconds, and its five are fifty.
_OPENED = ["late pushes", "odd replies", "slow search"]
_RETRIES = {"LAB_SLACK_RETRY_SCALE": "6"}


async def mention(stack: Stack, words: str) -> None:
    said = {"user": "U0OPERATOR", "channel": CHANNEL, "text": f"<@{_BOT}> {words}"}
    (await stack.post("/lab/act/say", said)).raise_for_status()


async def roots(stack: Stack) -> list[str]:
    """Give the title in each thread's first message, of ours."""
    found = []
    for message in await stack.lab.messages(CHANNEL):
        is_root = message.get("thread_ts", message["ts"]) == message["ts"]
        if message["user"] == _BOT and is_root:
            found += [one for one in _OPENED if one in str(message["text"])]
    return sorted(found)


def titles(stack: Stack) -> list[str]:
    return [str(one) for (one,) in stack.rows("SELECT title FROM tasks ORDER BY 1")]


async def are_open(stack: Stack, count: int) -> bool:
    return len(titles(stack)) >= count


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_each_event_opens_one_task(tmp_path: Path) -> None:
    """Two held back and sent twice, the newest first; one while nobody listens."""
    async with running_stack(tmp_path, settings=_RETRIES) as stack:
        await stack.post("/lab/slack/order", {"hold": True})
        await mention(stack, "open odd replies")
        await mention(stack, "open slow search")
        nobody_was_told = titles(stack)
        await stack.post("/lab/slack/order", {"twice": 2})
        await stack.post("/lab/slack/order", {"hold": False})
        await until(lambda: are_open(stack, 2), "both are open", _SECONDS)
        stack.kill("web")
        await mention(stack, "open late pushes")
        await until(lambda: are_open(stack, 3), "the third is open", _SECONDS)
        await until(lambda: _have_roots(stack), "each has its thread", _SECONDS)
        log = (await stack.get("/lab/deliveries"))["deliveries"]
        opened, threads = titles(stack), await roots(stack)

    outcomes = [[one["ok"] for one in each["outcomes"]] for each in log]
    assert [] == nobody_was_told
    assert _OPENED == opened == threads
    assert [[True, True], [True, True]] == outcomes[:2]
    assert (False, True) == (outcomes[2][0], outcomes[2][-1])
    assert "connection_failed" == log[2]["headers"]["x-slack-retry-reason"]


async def _have_roots(stack: Stack) -> bool:
    return len(await roots(stack)) >= len(_OPENED)
