"""What is called redacted went through the one search."""

import ast

from tests.architecture.sources import all_sources

MAKER = "gateway/redaction/redact.py"
MARKS = {"Redacted", "RedactedText"}


def test_one_module_calls_a_value_redacted() -> None:
    """Mypy holds the sinks to the type; here nobody else gives it."""
    made = {
        source.path
        for source in all_sources()
        if source.is_in_a_room
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", "")) in MARKS
    }

    assert {MAKER} == made
