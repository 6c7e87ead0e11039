import pytest
from pydantic import BaseModel, ConfigDict

from policy.errors import PolicyError
from policy.yaml_text import decode, lines_of, parse_yaml


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int


class Document(BaseModel):
    rows: list[Row]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rows:\n  - size: 1\n  - size: many\n", 3),
        ("rows:\n  - size: 1\n    colour: red\n", 3),
        ("rows:\n  - size: 1\n    size: 2\n", 3),
        ("rows:\n  - size: [1\n", 3),
        ("", 1),
        ("rows:\n  - size: \x07\n", 2),
        ("rows:\n  - size: 2026-02-30\n", 0),
        (f"rows:\n  - size: {'[' * 5000}", 2),
        (f"rows:\n  - size:\n      {'[' * 5000}{']' * 5000}\n", 3),
        ("rows: &a\n  - *a\n", 1),
        (f"rows:\n  - size: {'9' * 5000}\n", 0),
    ],
)
def test_an_error_names_the_line(text: str, line: int) -> None:
    """A wrong value, an unknown key, a key twice, bad syntax and depth are located."""
    with pytest.raises(PolicyError) as caught:
        parse_yaml(text, Document, path="d.yaml")

    assert (caught.value.path, caught.value.line) == ("d.yaml", line)


def test_rows_know_their_lines() -> None:
    """`lines_of` gives one line for each row, in order."""
    assert lines_of("rows:\n  - size: 1\n\n  - size: 2\n", "rows") == (2, 4)


def test_bytes_that_are_no_text_are_located() -> None:
    """`decode` names the line of the first bad byte."""
    with pytest.raises(PolicyError, match="save the file as UTF-8") as caught:
        decode(b"rows:\n  - \xff\n", path="d.yaml")

    assert (caught.value.path, caught.value.line) == ("d.yaml", 2)


def test_a_merged_key_may_be_said_anew() -> None:
    """YAML's own merge: it is no key that stands twice."""
    text = "rows:\n  - &one\n    size: 1\n  - <<: *one\n    size: 2\n"

    assert [1, 2] == [row.size for row in parse_yaml(text, Document, path="p").rows]
