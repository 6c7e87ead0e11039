"""docs/events is what the code says, and nothing that was released is taken back."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.event_schemas import FOLDER, RELEASED, find_breaks, render, schema_of
from policy.event import Event
from wire.events import EVENTS

NOW = {name: schema_of(name, data) for name, data in EVENTS.items()}
Change = Callable[[dict[str, Any]], object]


def test_the_files_are_the_codes() -> None:
    """After a change: ``python -m cli.event_schemas``."""
    kept = {
        one.name: one.read_text(encoding="utf-8")
        for one in FOLDER.glob("*.json")
        if one.name != RELEASED
    }

    assert render() == kept


def test_each_event_of_a_task_has_its_schema() -> None:
    """A new one comes with it."""
    assert set(EVENTS) == {one.value for one in Event if one.value.startswith("task.")}


def test_what_was_released_still_holds() -> None:
    """A field that readers rely on stays, with its form; else another version."""
    released = json.loads((FOLDER / RELEASED).read_text(encoding="utf-8"))

    assert len(released) > 40
    assert [] == find_breaks(released, NOW)


def gone(schema: dict[str, Any]) -> None:
    del schema["properties"]["reason"]


def wider(schema: dict[str, Any]) -> None:
    schema["properties"]["reason"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def looser(schema: dict[str, Any]) -> None:
    schema["required"].remove("reason")


def more(schema: dict[str, Any]) -> None:
    schema["properties"]["more"] = {"type": "string"}
    schema["required"].append("more")


def told(schema: dict[str, Any]) -> None:
    schema["properties"]["reason"]["description"] = "in one line"


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        (gone, ["task.moved: reason is gone"]),
        (wider, ["task.moved: reason has another form"]),
        (looser, ["task.moved: reason may be missing"]),
        (more, []),
        (told, []),
    ],
)
def test_what_a_reader_would_miss_is_found(change: Change, breaks: list[str]) -> None:
    """What comes on top breaks nobody."""
    new = copy.deepcopy(NOW)
    change(new["task.moved"])

    assert breaks == find_breaks(NOW, new)


def test_an_event_that_is_gone_is_found() -> None:
    new = {name: one for name, one in NOW.items() if name != "task.moved"}

    assert ["task.moved: is gone"] == find_breaks(NOW, new)
