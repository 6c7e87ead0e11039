from pathlib import Path

import pytest

from lab.state_file import read_state, write_state
from tests.lab.world import CHANNEL, SteppedClock, platform_headers, world_of


async def test_a_killed_lab_keeps_its_messages(
    tmp_path: Path, clock: SteppedClock
) -> None:
    """Messages, flags and writes are there after a restart; ts still grows."""
    state = tmp_path / "state.json"
    change = {"enabled": True, "rollout_percent": 50, "changed_by": "t"}
    async with world_of(clock, state_file=state) as first:
        old = await first.slack.chat_postMessage(channel=CHANNEL, text="kept")
        await first.http.put(
            "/platform/flags/new_ranker",
            json=change,
            headers=platform_headers(If_Match="1"),
        )

    async with world_of(clock, state_file=state) as second:
        shown = (await second.workspace())["messages"]
        new = await second.slack.chat_postMessage(channel=CHANNEL, text="new")
        flag = await second.http.get(
            "/platform/flags/new_ranker", headers=platform_headers()
        )
    assert ["kept"] == [message["text"] for message in shown]
    assert old["ts"] < new["ts"]
    assert 2 == flag.json()["version"]


def test_no_file_is_no_state(tmp_path: Path) -> None:
    """A first start finds nothing."""
    assert {} == read_state(None) == read_state(tmp_path / "none.json")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """What is not ours is not overwritten silently."""
    path = tmp_path / "state.json"
    path.write_text("[]", encoding="utf-8")

    with pytest.raises(TypeError):
        read_state(path)


def test_writing_leaves_no_draft(tmp_path: Path) -> None:
    """The file is replaced in one step."""
    write_state(tmp_path / "state.json", {"a": 1})

    assert ["state.json"] == [path.name for path in tmp_path.iterdir()]
