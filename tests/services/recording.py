"""
Keep what the renderers give in a run of their tests: ``pytest -p … --recorded=FILE``.

Of messages that differ in their words alone the first is kept: what a schema looks at
is the same in all of them.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import pytest

from bot.blocks.root import Rendered
from tests.architecture.sources import all_sources

_FOLDER = str(Path(__file__).resolve().parents[2] / "bot" / "blocks")
# Words and numbers of these are part of what a schema looks at.
_TOLD = frozenset({"type", "style", "replace_original"})


class Recorder:
    """Has the interpreter say what each function returns."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], object] = {}

    def __call__(self, frame: FrameType, event: str, returned: object) -> None:
        name = frame.f_code.co_name
        if event != "return" or not is_renderer(name):
            return
        if frame.f_code.co_filename.startswith(_FOLDER) and returned is not None:
            self._keep(name, returned)

    def _keep(self, name: str, returned: object) -> None:
        payload = returned
        if isinstance(returned, Rendered):
            payload = {"text": returned.text, "blocks": returned.blocks}
        shape = json.dumps(shape_of(payload), sort_keys=True)
        self.kept.setdefault((name, shape), payload)


def is_renderer(name: str) -> bool:
    """Tell by its name whether a function makes a message or a view."""
    return name.startswith("render_") or (name.endswith("_view") and name[0] != "_")


def renderers() -> set[str]:
    """Give the names of all functions that do."""
    return {
        function.name
        for source in all_sources()
        if source.path.startswith("bot/blocks/")
        for function in source.functions()
        if is_renderer(function.name)
    }


def shape_of(value: object, name: str = "") -> object:
    """Give a payload without its words; alike items of a list count once."""
    if isinstance(value, Mapping):
        return {key: shape_of(one, key) for key, one in value.items()}
    if isinstance(value, list):
        shapes = {json.dumps(shape_of(one), sort_keys=True) for one in value}
        return sorted(shapes)
    return value if name in _TOLD else type(value).__name__


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--recorded", type=Path, required=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> object:
    recorder = Recorder()
    sys.setprofile(recorder)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        rows = [
            {"renderer": name, "payload": payload}
            for (name, _), payload in recorder.kept.items()
        ]
        path = session.config.getoption("recorded")
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
