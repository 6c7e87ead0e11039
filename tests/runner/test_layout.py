import sys
from pathlib import Path

from runner.layout import find_layout
from tests.runner.sandboxed import PROJECT


def test_only_code_is_bound() -> None:
    """Python, its libraries, two of our rooms; no home, no settings, no root."""
    layout = find_layout(PROJECT)
    sources = {source for source, _ in layout.binds}

    assert {sys.prefix, "/usr", str(PROJECT / "runner")} <= sources
    assert not sources & {"/", "/etc", "/root", "/home", str(PROJECT), str(Path.home())}
    assert "/app/runner" in {target for _, target in layout.binds}


def test_nothing_is_bound_inside_another() -> None:
    """What lies in a folder that is bound already is not bound again."""
    sources = [Path(source) for source, _ in find_layout(PROJECT).binds]

    for one in sources:
        assert not any(one != other and one.is_relative_to(other) for other in sources)
