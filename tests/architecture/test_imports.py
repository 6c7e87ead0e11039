"""What may happen when a module is imported, and what may import what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, Source, all_sources, rooms

# Values that are made once and never change; nothing here opens, reads or registers.
CONSTANTS = {
    "AfterValidator",
    "BeforeValidator",
    "Decimal",
    "Depends",
    "Discriminator",
    "Field",
    "Header",
    "IPv4Network",
    "IPv6Network",
    "NewType",
    "ParamSpec",
    "Path",
    "ReadTool",
    "Scope",
    "StringConstraints",
    "Struct",
    "Tag",
    "TypeAdapter",
    "TypeVar",
    "WriteTool",
    "bytes",
    "compile",
    "frozenset",
    "namedtuple",
    "range",
    "resolve",
    "text",
    "timedelta",
    "tuple",
}
# The schema: declarations of SQLAlchemy's, from the first line to the last.
DECLARATIONS = {"storage/tables.py"}


def test_packages_hold_no_code() -> None:
    """An ``__init__.py`` is one docstring."""
    full = [
        one.path
        for one in all_sources()
        if one.names[-1] == "__init__"
        and not (len(one.tree.body) == 1 and ast.get_docstring(one.tree))
    ]

    assert [] == full


def test_nothing_is_made_at_import() -> None:
    """A module's own statements call nothing but what makes a constant."""
    made = [
        f"{one.path}:{call.lineno}: {name_of(call)}"
        for one in rooms()
        for call in calls_at_import(one)
        if one.path not in DECLARATIONS and name_of(call) not in CONSTANTS
    ]

    assert [] == made


def test_import_contracts_hold() -> None:
    """``lint-imports`` keeps every contract of pyproject.toml."""
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == checked.returncode, checked.stdout


def calls_at_import(source: Source) -> Iterator[ast.Call]:
    """Walk what runs at import: not bodies of functions and classes."""
    waiting: list[ast.AST] = [
        node for node in source.tree.body if not is_main_guard(node)
    ]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)


def name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    if isinstance(call.func, ast.Subscript):
        return ast.unparse(call.func.value)
    return ast.unparse(call.func)
