"""Evidence in words: a part that fits, or every line of it."""

from bot.blocks.evidence_text import fill, hear, read_body, tell_every, tell_part


def test_what_is_no_map_has_no_name() -> None:
    """A list, a text, and what is no JSON."""
    assert [{"": [1]}, {"": "x"}, {"": "{"}] == [
        read_body(body) for body in ("[1]", '"x"', "{")
    ]


def test_what_findings_name_stands_first() -> None:
    """By a word, or by a number as they round it."""
    found = {"at": "noon", "share": 0.18, "flag": "new_ranker"}
    text, shortened = tell_part("*E1*", found, hear(["new_ranker, at 18 %"]))

    assert ["*E1*", "flag: *new_ranker*"] == text.splitlines()[:2]
    assert not shortened


def test_a_row_begins_with_what_it_is_called() -> None:
    """Its fields in words; a name that is cut there stands whole behind it."""
    rows = {"old_routes": [{"error_ratio": 1, "route": "/a"}, {"name": "x" * 60}]}
    text, _ = tell_part("*E1*", rows, hear([]))

    assert ["*E1*", "old routes: 2", "• */a*, error ratio: 1"] == text.splitlines()[:3]
    assert f"name: {'x' * 60}" in text


def test_every_line_is_told_and_counted() -> None:
    """Each row of a list is a line of its own."""
    lines = list(tell_every({"flags": [{"key": n} for n in range(5)], "n": 1}))
    texts, shown, left = fill(lines)

    assert (7, 0) == (shown, left)
    assert 5 == "\n".join(texts).count("• key: ")
