"""docs/tools.md is what the registry says."""

import ast
import re
from pathlib import Path

from cli.tools_page import render_tools_page
from gateway.tools.catalog import all_tools

PAGE = Path(__file__).parents[2] / "docs" / "tools.md"


def test_the_page_is_the_registrys() -> None:
    """After a change: ``python -m cli.tools_page > docs/tools.md``."""
    assert render_tools_page(all_tools()) == PAGE.read_text(encoding="utf-8")


def test_each_tool_has_its_section() -> None:
    """A write tells its reasons, its reach and what verifies it."""
    page = render_tools_page(all_tools())
    sections = dict(
        re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    )

    for spec in all_tools().specs:
        assert spec.name in sections
        if spec.reason_codes:
            assert "**Estimate:** " in sections[spec.name]
            assert "**Verified:** when " in sections[spec.name]


def test_a_result_tells_units_and_bounds() -> None:
    """Those of the rows within it, and of a write's target, too."""
    page = render_tools_page(all_tools())

    assert "| `routes[].error_ratio` | number | 0 to 2; or null | ratio |" in page
    assert "| `pipeline.lag_seconds` | number | 0 or more | s |" in page
    assert (
        "| `traces[].spans[].duration_ms` | number | 0 or more; or null | ms |" in page
    )
    assert "| `limit_rps` | integer | 0 or more; or null | 1/s |" in page


def test_what_only_an_undo_sets_is_not_shown() -> None:
    """Nobody is told to fill it in."""
    page = render_tools_page(all_tools())
    params = re.findall(r"^\| param \|.*?\n\n", page, re.MULTILINE | re.DOTALL)

    assert params
    assert not any("`former`" in one or "`restores`" in one for one in params)


def test_the_example_is_python_in_thirty_lines() -> None:
    """It parses, and it is as short as it says."""
    [example] = re.findall(
        r"```python\n(.*?)```", render_tools_page(all_tools()), re.DOTALL
    )

    assert ast.parse(example)
    assert 30 >= sum(bool(line.strip()) for line in example.splitlines())
