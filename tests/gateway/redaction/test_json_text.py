"""JSON in a text: found as a whole or by lines, and edited where it stands."""

import json

import pytest

from gateway.redaction.json_text import (
    Editor,
    edited,
    is_json,
    json_stretches,
    may_hold_json,
)

ROW = '{"a": "b"}'
LOUD = Editor(
    on_string=lambda value, key: f"{key}!" if value == "Zoe" else value,
    on_integer=lambda digits, key: f"{key}!" if digits == "7" else digits,
    on_key=lambda name: "k!" if name == "kim" else name,
    field_key=lambda parent, name, fields: f"{parent}/{name}{fields.get('name', '')}",
)


def stretches(text: str) -> list[str]:
    return [text[one.start : one.end] for one in json_stretches(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROW, [ROW]),
        (f"\ufeff {ROW}\n", [ROW]),
        (f"\xa0{ROW}\x0b", [ROW]),
        (f"{ROW}\n{ROW}", [ROW, ROW]),
        (f"started\n{ROW}\r\nended", [ROW]),
        (f"x\n\t{ROW}", [ROW]),
        (json.dumps(ROW), [json.dumps(ROW)]),
        ('{\n"a": "b"\n}', ['{\n"a": "b"\n}']),
        ('{"n": ' + "1" * 5_000 + "}", ['{"n": ' + "1" * 5_000 + "}"]),
        (f"INFO {ROW}", []),
        ('{"a": "b",}', []),
        ("[error] it", []),
        ("", []),
    ],
)
def test_json_is_the_whole_or_a_line(text: str, expected: list[str]) -> None:
    """Blanks around it, a mark of the byte order, and numbers of any length."""
    assert expected == stretches(text)
    assert may_hold_json(text) or not expected


def test_what_is_too_deep_for_the_parser_says_so() -> None:
    text = "[" * 100_000 + '"a"' + "]" * 100_000
    [found] = json_stretches(text)

    assert found.is_too_deep
    assert is_json(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"ts":1712345678.123450, "v" : 1.10,"big":1e400}',
        '{"n": 18446744073709551615, "n": -0, "n": 1E+2}',
        r'{"a":"\u00e4\/", "b": [true,null , NaN]}',
        '{"a": {}, "b": [[], ""]}',
    ],
)
def test_what_is_not_replaced_stays_as_written(text: str) -> None:
    """Literals, blanks, escapes, fields that stand twice."""
    assert text is edited(text, "", LOUD)

    changed = edited(f'["Zoe", {text}]', "z", LOUD)

    assert f'["z!", {text}]' == changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":"Zoe","b":7}', '{"a":"/a!","b":"/b!"}'),
        ('{"a":["Zoe",{"b":"Zoe"},"Zoe"]}', '{"a":["/a!",{"b":"/a/b!"},"/a!"]}'),
        ('{"a":{"b":{}},"c":"Zoe"}', '{"a":{"b":{}},"c":"/c!"}'),
        ('{"a":"Zoe","a":"Zoe"}', '{"a":"/a!","a":"/a!"}'),
        (r'{"kim" : "Zo\u0065"}', '{"k!" : "/kim!"}'),
        ('"Zoe"', '"!"'),
        ('{"name":"n","b":"Zoe"}', '{"name":"n","b":"/bn!"}'),
        (
            '{"name":"n","a":{"b":"Zoe"},"c":"Zoe"}',
            '{"name":"n","a":{"b":"/an/b!"},"c":"/cn!"}',
        ),
        ("[7.0, 77]", "[7.0, 77]"),
    ],
)
def test_a_value_is_edited_under_its_key(text: str, expected: str) -> None:
    """Below what encloses it, decoded, each as often as it stands there."""
    assert expected == edited(text, "", LOUD)
