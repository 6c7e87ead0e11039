"""The main job over Socket Mode, while connections are renewed and break."""

import asyncio
from pathlib import Path

import pytest

from cli.local_world import CHANNEL
from tests.journeys.stack import (
    APPROVE,
    OVER_SOCKETS,
    Stack,
    click_until_heard,
    roots,
    running_stack,
    until,
)

_ONCE = "SELECT count(*) FROM executions WHERE outcome = 'applied'"
_CLICKS = "SELECT count(*) FROM approvals WHERE person = 'operator'"
_SECONDS = 60


@pytest.mark.services
@pytest.mark.timeout(240)
async def test_a_click_is_heard_while_connections_come_and_go(tmp_path: Path) -> None:
    """Renewed before the card, cut around the click: one execution, no click lost."""
    async with running_stack(tmp_path, settings=OVER_SOCKETS) as stack:
        ready = await stack.readiness()
        await stack.lab.break_platform("bad_flag")
        await stack.post("/lab/slack/sockets/refresh", {})
        await until(lambda: _card(stack), "a card", _SECONDS)
        async with asyncio.TaskGroup() as group:
            group.create_task(stack.post("/lab/slack/sockets/cut", {}))
            group.create_task(click_until_heard(stack, APPROVE))
        await until(lambda: _is_over(stack), "it is done", _SECONDS)
        done, clicks = stack.rows(_ONCE), stack.rows(_CLICKS)
        threads = len(await roots(stack))

    assert "socket mode" == ready["slack"]
    assert ([(1,)], 1) == (done, threads)
    assert [(1,)] == clicks


@pytest.mark.services
@pytest.mark.timeout(240)
async def test_a_web_process_that_dies_hears_again(tmp_path: Path) -> None:
    """Killed with both connections open: the next one opens its own, and hears."""
    async with running_stack(tmp_path, settings=OVER_SOCKETS) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _card(stack), "a card", _SECONDS)
        stack.kill("web")
        await click_until_heard(stack, APPROVE)
        await until(lambda: _is_over(stack), "it is done", _SECONDS)
        done = stack.rows(_ONCE)

    assert [(1,)] == done


async def _card(stack: Stack) -> bool:
    return await stack.lab.find_button(CHANNEL, APPROVE) is not None


async def _is_over(stack: Stack) -> bool:
    return stack.rows("SELECT state FROM tasks") == [("completed",)]
