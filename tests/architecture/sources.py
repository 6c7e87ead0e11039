"""Our own sources, as the house rules see them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTS = Path(__file__).parent
NO_ROOMS = {"tests", "alembic", "bench", "docs"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file; ``path`` is relative to the checkout, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def names(self) -> tuple[str, ...]:
        """Folders and module: ``("storage", "tasks")``."""
        return tuple(Path(self.path).with_suffix("").parts)

    @property
    def is_in_a_room(self) -> bool:
        return len(self.names) > 1 and self.names[0] not in NO_ROOMS

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


@cache
def all_sources() -> tuple[Source, ...]:
    """Give every Python file that Git tracks or would track, but the migrations."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    found = []
    for path in sorted(set(filter(None, listed))):
        if (ROOT / path).exists() and not path.startswith("alembic/versions/"):
            text = (ROOT / path).read_text(encoding="utf-8")
            found.append(Source(path, text, ast.parse(text)))
    return tuple(found)


def rooms() -> tuple[Source, ...]:
    return tuple(one for one in all_sources() if one.is_in_a_room)


def read_list(name: str) -> set[str]:
    """Read a list of known gaps, one a line; it may only shrink."""
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}
