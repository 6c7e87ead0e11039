"""A secret without quotes ends where its field does, not at any sign."""

import pytest

from gateway.redaction.unquoted import end_of_secret

CASES = [
    *("ab&cd;ef", "ab(cd)ef", "ab)cd", "ab$cd'ef", 'ab"cd', "ab,cd", "ab|cd"),
    *("ab<c$d", "ab>cd", "a{b}c[d]e", "a\\b", "ab&cd", "x;y", "pa$$w0rd"),
    *("x", "A1b2" * 3_000, "a&" * 5_000 + "b"),
]
ENDS = [
    *("", " x", "\n", "&b=2", "&amp;b=2", "&b[0]=2", ";User Id=sa", "; ls", ", next"),
    *(",user=kim", ',"b": 1', ")", ").", ") x", "]", "}", "}, x", ">", '">', "|user=1"),
    *(
        " | x",
        "</p>",
        "<br/>",
        "<a href=x>",
        '"',
        '",',
        '\\",',
        '\\\\\\"}',
        "' ok",
        "&quot;",
    ),
    *("⟩", "⟨secret⟩", "';", '"}'),
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("value", CASES, ids=lambda value: value[:9])
def test_a_secret_is_read_to_its_end(value: str, end: str) -> None:
    """Whatever it holds; what follows it stays."""
    text = f"password={value}{end}"

    assert len(f"password={value}") == end_of_secret(text, len("password="))


@pytest.mark.parametrize("text", ["", " x", "&b=2", "$(cat x)", "${X}", "(x)", "<x>"])
def test_no_secret_begins_there(text: str) -> None:
    assert end_of_secret(text, 0) is None
