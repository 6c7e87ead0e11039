"""Files of mappings: what loads, and what is said of what doesn't."""

from pathlib import Path

import pytest

from bot.alerts.mapping import MOST_EXPRESSION, load_mappings
from policy.errors import PolicyError


def write(folder: Path, text: str) -> Path:
    file = folder / "mappings.yaml"
    file.write_text(text)
    return file


def test_mappings_are_read_in_order(tmp_path: Path) -> None:
    """The last one may take everything."""
    file = write(
        tmp_path,
        "mappings:\n- {name: a, when: x, title: y}\n- {name: b, title: z}\n",
    )

    assert ["a", "b"] == [rule.name for rule in load_mappings(file)]


@pytest.mark.parametrize(
    ("row", "line", "why"),
    [
        ("{name: a, title: 'x['}", 2, "no JMESPath"),
        ("{name: a, title: 'eval(@)'}", 2, "no JMESPath function is called eval"),
        (f"{{name: a, title: {'x' * (MOST_EXPRESSION + 1)}}}", 2, "at most 500"),
        (f"{{name: a, title: '{'(' * 400}'}}", 2, "no JMESPath"),
        ("{name: a, title: 'join(x)'}", 2, "join() takes 2 arguments, not 1"),
        ("{name: a, title: 'length(x, y)'}", 2, "length() takes 1 arguments, not 2"),
        ("{name: a}", 2, "title: Field required"),
        ("{name: a, title: x, colour: red}", 2, "colour: Extra inputs"),
        ("{name: A b, title: x}", 2, "name: String should match"),
        ("{name: a, title: x, status_words: {up: fine}}", 2, "status_words.up"),
        ("{name: a, title: x, severity_words: {up: bad}}", 2, "severity_words.up"),
        ("{name: a, title: x, links: x}", 2, "links: Input should be a valid list"),
        ("{name: a, title: x}\n- {name: b, title: x}", 2, "takes everything"),
        ("{name: a, when: x, title: x}\n- {name: a, title: x}", 3, "stands twice"),
    ],
)
def test_a_wrong_file_is_said_with_its_line(
    tmp_path: Path, row: str, line: int, why: str
) -> None:
    file = write(tmp_path, f"mappings:\n- {row}\n")
    with pytest.raises(PolicyError, match=r"mappings\.yaml") as refused:
        load_mappings(file)

    assert line == refused.value.line
    assert why in refused.value.what
    assert refused.value.mend


def test_a_mapping_may_be_another_with_changes(tmp_path: Path) -> None:
    """YAML's own way: what differs is written, the rest is referred to."""
    file = write(
        tmp_path,
        "mappings:\n- &a {name: a, when: x, title: y}\n"
        "- {<<: *a, name: b, when: null}\n",
    )
    first, second = load_mappings(file)

    assert first.fields["title"] == second.fields["title"]
    assert second.when is None


@pytest.mark.parametrize("text", ["", "mappings: []\n", "x: 1\n", "\t", "- a\n"])
def test_what_has_no_mappings_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyError):
        load_mappings(write(tmp_path, text))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="can't be read: No such file"):
        load_mappings(tmp_path / "none.yaml")
