"""JSON that wants to take long: people and cues by the thousand, nested and encoded."""

import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

from pydantic import JsonValue

Body = dict[str, JsonValue]
_DEPTH = 1000
_ADDRESS = "{} Baker Street, London NW1 6XE, United Kingdom"


def _mail(number: int) -> str:
    return f"kim{number}@example.org"


def _base64(number: int) -> str:
    return b64encode(f"write to {_mail(number)}".encode()).decode()


def _rows(row: Callable[[int], JsonValue], row_bytes: int) -> Callable[[int], Body]:
    """Fill a list with rows of about so many bytes."""
    return lambda size: {"rows": [row(one) for one in range(size // row_bytes)]}


def _text(part: Callable[[int], str], between: str) -> Callable[[int], Body]:
    """Fill one text."""
    each = len(part(1000)) + len(between)
    return lambda size: {"text": between.join(map(part, range(size // each)))}


def _keys(key: Callable[[int], str]) -> Callable[[int], Body]:
    return lambda size: {key(one): one for one in range(size // (len(key(1)) + 8))}


def _nested(key: str, leaf: JsonValue) -> JsonValue:
    for _ in range(_DEPTH):
        leaf = {key: leaf}
    return leaf


def _in_strings(number: int) -> JsonValue:
    """Give JSON in a string in JSON, deeper than it is walked."""
    value: JsonValue = {"phone": f"+49 30 2345{number:04}", "first_name": "Kim"}
    for _ in range(4):
        value = {"payload": json.dumps(value)}
    return value


def _surrogates(number: int) -> str:
    """Give a key that becomes the same as the others once it can be stored."""
    return "".join(chr(0xD800 + ((number >> shift) & 0x7FF)) for shift in (0, 11))


# What each is made of, up to so many bytes.
BODIES: dict[str, Callable[[int], Body]] = {
    "ordinary rows": _rows(
        lambda one: {"at": "2026-05-01T10:00:00Z", "ms": one, "user": _mail(one)}, 70
    ),
    "`phone`, 1,000 deep": _rows(
        lambda one: _nested("phone", f"+49 30 2345{one:04}"), 11 * _DEPTH
    ),
    "`customer`, 1,000 deep": _rows(
        lambda one: _nested("customer", {"name": f"Kim {one}"}), 14 * _DEPTH
    ),
    "JSON in strings in JSON": _rows(_in_strings, 210),
    "addresses": _rows(_ADDRESS.format, 52),
    "addresses in a text": _text(_ADDRESS.format, ", "),
    "dates of birth": _text("dob=1980-01-{}".format, " "),
    "cues of ids": _text("ssn 078-05-1{} passport no X12".format, " "),
    "Base64": _rows(_base64, 36),
    "Base64 in a text": _text(_base64, "\n"),
    "URL-encoded": _text(lambda one: quote(f"to={_mail(one)}"), "&"),
    "mails": _rows(_mail, 20),
    "mails on one line": _text(_mail, " "),
    "mails as keys": _keys(_mail),
    "secrets as keys": _keys("token=x8{}Q1".format),
    "surrogates as keys": _keys(_surrogates),
    "escapes before mails": _text(lambda one: json.dumps({"a": f"\t{_mail(one)}"}), ""),
}
