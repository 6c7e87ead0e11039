"""JSON in a text: its texts, keys and numbers, wherever and however much of it."""

import json

import pytest

from gateway.redaction.json_text import (
    Part,
    json_tokens,
    may_hold_json,
    unused_mark,
    written,
)
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text


def told(text: str) -> list[tuple[str, str]]:
    """Give each value with what it stands under, each key with a colon."""
    found = json_tokens(
        text,
        "",
        lambda parent, name, fields: f"{parent}/{name}{fields.get('name', '')}",
    )
    return [
        (f"{one.value}:" if one.part is Part.KEY else one.value, one.under)
        for one in found
    ]


ROW = '{"a": "b"}'
OF_ROW = [("a:", ""), ("b", "/a")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROW, OF_ROW),
        (f"\ufeff {ROW}\n", OF_ROW),
        (f"\xa0{ROW}\x0b", OF_ROW),
        (f"{ROW}\n{ROW}", OF_ROW * 2),
        (f"{ROW} {ROW},{ROW}", OF_ROW * 3),
        (f"started\n{ROW}\r\nended", OF_ROW),
        (f"INFO {ROW} [1] (it's)", OF_ROW),
        (f'INFO "said" body={ROW} n=1', [("a:", ""), ("b", "body/a")]),
        (f'x "rows" : [{ROW}]', [("a:", ""), ("b", "rows/a")]),
        (json.dumps(ROW), [(ROW, "")]),
        (f"INFO body={json.dumps(ROW)}", [(ROW, "body")]),
        ('{\n"a": "b"\n}', OF_ROW),
        ('now\n{\n  "a":\n "b"\n}\nthen', OF_ROW),
        ('{"a": {"c": "d"', [("a:", ""), ("c:", ""), ("d", "/a/c")]),
        ('INFO {"a": "cut o', [("a:", ""), ("cut o", "/a")]),
        ('INFO {"a": "cut \\u00', [("a:", ""), ("cut ", "/a")]),
        ('{"n": ' + "1" * 5_000 + "}", [("n:", ""), ("1" * 5_000, "/n")]),
        ('{"a":[{"b":1},2]}', [("a:", ""), ("b:", ""), ("1", "/a/b"), ("2", "/a")]),
        (
            '{"name":"n","b":1}',
            [("name:", ""), ("n", "/name"), ("b:", ""), ("1", "/bn")],
        ),
        (r'{"kim" : "Zo\u0065"}', [("kim:", ""), ("Zoe", "/kim")]),
        ("[error] it", []),
        ('[020 7946 0018] "x"', []),
        ('{"phone": 020 7946 0018}', []),
        ('{"a": "b\nc"}', []),
        ("", []),
    ],
)
def test_what_json_holds_is_told(text: str, expected: list[tuple[str, str]]) -> None:
    """As a whole, by lines, behind a prefix, beside each other, cut off."""
    assert expected == told(text)
    assert may_hold_json(text) or not expected


def test_no_depth_is_too_deep() -> None:
    text = "[" * 100_000 + '"a"' + "]" * 100_000

    assert [("a", "")] == told(text)


def test_a_place_is_what_stands_between_the_quotes() -> None:
    text = r'x {"a" : "b\n", "c": 12}'
    found = json_tokens(text, "", lambda _parent, name, _fields: name)

    assert ["a", r"b\n", "c", "12"] == [text[one.start : one.end] for one in found]


def test_a_mark_is_one_that_the_text_does_not_hold() -> None:
    assert "⟨json:1⟩" == unused_mark("a ⟨json:0⟩ b")


def test_what_json_forbids_stays_as_it_stood() -> None:
    """A control character without its escape; what is new is escaped."""
    assert 'a\tb\\n\\"' == written('a\tb\n"', "x\ty\\n")
    assert "a\\tb" == written("a\tb", "xy")
    assert "a\\/b" == written("a/b", "x\\/")
    assert "\\\\u001f\x1f" == written("\\u001f\x1f", "\x1f")


def test_a_string_on_a_line_is_read_though_a_line_follows() -> None:
    line = json.dumps("got " + json.dumps({"customer": {"name": "Zebulon"}}))

    for text in (f"{line}\nnext", f"{line}\r\n\n{line}\n", line):
        assert may_hold_json(text)
        assert "Zebulon" not in redact_text(text, Placeholders(key=b"k"))
