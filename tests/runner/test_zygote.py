import ast

from tests.runner.sandboxed import PROJECT


def test_the_entry_imports_nothing_of_ours_at_its_top() -> None:
    """In isolated mode our rooms are found only after the path is set."""
    tree = ast.parse((PROJECT / "runner" / "zygote.py").read_text())
    named = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert named == {"importlib", "sys", "pathlib"}
