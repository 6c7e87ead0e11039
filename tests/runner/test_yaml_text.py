import pytest

from runner.errors import PlaybookError
from runner.yaml_text import line_at, parse_yaml


def test_lines_are_found_through_unions() -> None:
    """Parts that are no node are stepped over."""
    _, lines = parse_yaml("a:\n  - b: 1\n    c: 2\n", path="p")

    assert line_at(lines, ("a", 0, "branch", "c")) == 3


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "a: \x07", "a: 2026-02-30"])
def test_bad_yaml_is_located(text: str) -> None:
    """Syntax, doubled keys, forbidden characters and days that are none."""
    with pytest.raises(PlaybookError, match=r"^p:\d+: "):
        parse_yaml(text, path="p")


def test_a_merged_key_may_be_said_anew() -> None:
    """YAML's own merge: it is no key that stands twice."""
    content, _ = parse_yaml("a: &a\n  x: 1\nb:\n  <<: *a\n  x: 2\n", path="p")

    assert {"a": {"x": 1}, "b": {"x": 2}} == content
