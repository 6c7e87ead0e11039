"""What people do beside the cards, through the whole world: Home, words, shortcuts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.local_world import CHANNEL
from tests.journeys.stack import Stack, running_stack, until

_SECONDS = 60.0
OPERATOR, DIRECT, BOT = "U0OPERATOR", "D0OPERATOR", "U0AUTOPILOT"


async def act(stack: Stack, path: str, **body: object) -> Any:
    answer = await stack.post(f"/lab/act/{path}", {"user": OPERATOR, **body})
    return answer.raise_for_status().json()


async def workspace(stack: Stack) -> Any:
    return await stack.get(f"/lab/workspace?user={OPERATOR}")


async def decide_from_home(stack: Stack) -> bool:
    """Open Home, the card's modal, and approve; False while nothing waits there."""
    await act(stack, "home")
    home = (await workspace(stack))["home"]
    if home is None or "home:decide" not in str(home):
        return False
    view_id = home["view"]["id"]
    await act(stack, "click", view_id=view_id, action_id="home:decide")
    modal = (await workspace(stack))["view"]["view"]
    chosen = {"value": "approve"}
    values = {"verdict": {"value": {"selected_option": chosen}}}
    await act(stack, "submit", view_id=modal["id"], values=values)
    return True


def tasks(stack: Stack) -> list[Mapping[str, object]]:
    names = ("state", "takeover_by", "title", "id")
    rows = stack.rows(f"SELECT {', '.join(names)} FROM tasks ORDER BY created_at")  # noqa: S608
    return [dict(zip(names, row, strict=True)) for row in rows]


async def root_of(stack: Stack, words: str) -> str | None:
    """Give the ts of the root message whose text holds these words."""
    for message in await stack.lab.messages(CHANNEL):
        ts = str(message["ts"])
        if words in str(message) and message.get("thread_ts", ts) == ts:
            return ts
    return None


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_home_words_and_shortcuts_reach_their_ends(tmp_path: Path) -> None:
    """Approved from Home, executed once; opened by a form, ended by words."""
    async with running_stack(tmp_path) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: decide_from_home(stack), "Home shows the card", _SECONDS)
        await until(
            lambda: _is(stack, 0, state="completed"), "it is executed", _SECONDS
        )
        executed = stack.rows("SELECT outcome FROM executions")

        await act(stack, "shortcut", callback_id="ops_open_task")
        form = (await workspace(stack))["view"]["view"]
        values = {"title": {"value": {"value": "odd replies"}}}
        await act(stack, "submit", view_id=form["id"], values=values)
        await until(lambda: _has_root(stack), "its thread is there", _SECONDS)
        ts = await root_of(stack, "odd replies")
        spot = {"channel": CHANNEL, "thread_ts": ts}
        await act(stack, "say", text=f"<@{BOT}> take", **spot)
        await until(lambda: _is(stack, 1, takeover_by="operator"), "taken", _SECONDS)
        await act(stack, "say", text=f"<@{BOT}> close nothing odd", **spot)
        await until(lambda: _hears(stack, "may be a sentence"), "asked back", _SECONDS)
        short = str(tasks(stack)[1]["id"])[-8:]
        await act(stack, "say", text=f"<@{BOT}> close {short} nothing odd", **spot)
        await until(lambda: _is(stack, 1, state="completed"), "closed", _SECONDS)
        await until(lambda: _tells(stack, "nothing odd"), "it is told", _SECONDS)
        await act(stack, "say", text="tasks", channel=DIRECT)
        said = str((await workspace(stack))["messages"])

    assert [("applied",)] == executed
    assert "Nothing is open." in said


async def _is(stack: Stack, place: int, **wanted: str) -> bool:
    found = tasks(stack)
    return place < len(found) and all(
        found[place][name] == value for name, value in wanted.items()
    )


async def _hears(stack: Stack, words: str) -> bool:
    return words in str((await workspace(stack))["messages"])


async def _tells(stack: Stack, words: str) -> bool:
    found = await root_of(stack, "odd replies: closed by Operator")
    return found is not None and words in str(await stack.lab.messages(CHANNEL))


async def _has_root(stack: Stack) -> bool:
    return await root_of(stack, "odd replies") is not None
