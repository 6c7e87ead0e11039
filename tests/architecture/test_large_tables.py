"""A new migration locks nobody out of a table that is large."""

import ast
import re

import pytest

from tests.architecture.sources import ROOT

_FOLDER = ROOT / "alembic" / "versions"
# Older ones were released before this rule; 0016 was mended for it.
_FIRST = "0016"
_INDEX = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?P<how>\w+)(?P<rest>.*)", re.DOTALL
)
_ON = re.compile(r"\sON\s+(?:ONLY\s+)?(\w+)")
_MADE = re.compile(r"CREATE\s+TABLE\s+(\w+)")
_BESIDE = "with op.get_context().autocommit_block():\n    "
_GOOD = (
    f"{_BESIDE}op.execute('CREATE INDEX CONCURRENTLY i ON outbox (a)')",
    "op.execute('CREATE TABLE t (a text)'); op.execute('CREATE INDEX i ON t (a)')",
    f"{_BESIDE}op.create_index('i', 'outbox', ['a'], postgresql_concurrently=True)",
)
_BAD = (
    "op.execute('CREATE INDEX i ON outbox (a)')",
    "op.execute('CREATE INDEX CONCURRENTLY i ON outbox (a)')",
    "op.create_index('i', 'outbox', ['a'])",
    f"{_BESIDE}op.execute('CREATE UNIQUE INDEX i ON outbox (a)')",
    "STATEMENT = 'CREATE INDEX i ON outbox (a)'",
)


def locking(text: str) -> list[str]:
    """Give each index that a migration makes while nobody can write to its table."""
    tree = ast.parse(text)
    beside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and "autocommit_block" in ast.dump(node.items[0])
        for inner in ast.walk(node)
    }
    made = set(_MADE.findall(text))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            match = _INDEX.search(node.value)
            on = _ON.search(node.value) if match else None
            is_new = on is not None and on[1] in made
            is_beside = id(node) in beside and match and match["how"] == "CONCURRENTLY"
            if match and not is_new and not is_beside:
                found.append(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "op.create_index":
            named = {one.arg for one in node.keywords}
            if not (id(node) in beside and "postgresql_concurrently" in named):
                found.append(ast.unparse(node))
    return found


def test_new_indexes_are_built_beside_what_runs() -> None:
    """Concurrently, out of the transaction; on a table of the same migration, as is."""
    paths = [one for one in _FOLDER.glob("*.py") if one.name[:4] >= _FIRST]

    assert paths
    assert [] == [
        (one.name, statement) for one in paths for statement in locking(one.read_text())
    ]


@pytest.mark.parametrize("text", _GOOD)
def test_what_locks_nobody_out_is_let_through(text: str) -> None:
    """By SQL, and by Alembic's own function."""
    assert [] == locking(text)


@pytest.mark.parametrize("text", _BAD)
def test_what_locks_a_table_is_found(text: str) -> None:
    """A transaction that holds it, or a build that stops its writers."""
    assert 1 == len(locking(text))
