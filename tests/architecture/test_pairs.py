"""Tests mirror the source: each module with logic has a test file of its name."""

import ast

from tests.architecture.sources import ROOT, Source, read_list, rooms


def test_each_module_with_logic_has_its_tests() -> None:
    """
    The modules without a test file are those in ``untested.txt``.

    The list may only shrink: write the tests of a listed module, and strike its line.
    """
    assert read_list("untested.txt") == {
        one.path for one in rooms() if has_logic(one) and not is_tested(one)
    }


def has_logic(source: Source) -> bool:
    """Tell a module that does something from one that names and declares."""
    return any(
        not isinstance(statement, ast.Pass | ast.Expr)
        for function in source.functions()
        for statement in function.body
    )


def is_tested(source: Source) -> bool:
    *folders, module = source.names
    return (ROOT / "tests" / "/".join(folders) / f"test_{module}.py").exists()
