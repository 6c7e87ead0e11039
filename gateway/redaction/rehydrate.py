"""The way back: placeholders in what comes back become their values."""

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from gateway.redaction.json_text import (
    Part,
    json_tokens,
    may_hold_json,
    written,
)
from gateway.redaction.placeholder import FORM
from gateway.redaction.walk import walk

_BEHIND_KEY = re.compile(r"\"\s{0,20}:\s{0,20}\Z")
_KEY_WINDOW = 50
# What ends a string, or hides its end.
_SPECIAL = re.compile(r"[\"'\\]")
# A quote; with a group, where one may open. Escaped, it does neither.
_QUOTE = re.compile(r"\\[\s\S]|(?<![^\s=:,(\[{])([\"'])|[\"']")
_LINE_WINDOW = 2_000
_BEHIND_EQUALS = re.compile(r"[\w\]]\s?=[ ]?[\"']?\Z")
_FIELD = re.compile(r"\n\s*+(?:-\s)?[\"']?[^\W\d][\w.\-]{0,79}[\"']?\s?[:=]")


class UnknownPlaceholder(Exception):
    """A placeholder that this task never gave out; nothing is sent with it."""


class MisplacedPlaceholder(Exception):
    """A placeholder whose value could add fields to the JSON that it stands in."""


def rehydrate(value: JsonValue, known: Mapping[str, str]) -> JsonValue:
    """
    Replace each placeholder by its value; ``known`` maps placeholders to values.

    In one pass: a value that looks like a placeholder is not looked up again. In JSON
    in a text a value is written as that JSON's strings are, in strings of strings as
    often as they nest. Secrets were removed for good, ``⟨secret⟩`` stays.

    Raises:
        UnknownPlaceholder: one stands in ``value`` and is not in ``known``.
        MisplacedPlaceholder: one stands where JSON has no string, or its value would
            end the quotes around it, or add a line that is a field.
    """

    def of(placeholder: str) -> str:
        found = known.get(placeholder)
        if found is None:
            raise UnknownPlaceholder(
                f"{placeholder} is no placeholder of this task; read the value again, "
                "and send what that answer holds"
            )
        return found

    def back(text: str) -> str:
        return _back(text, of) if "⟨" in text else text

    return walk(
        value, lambda leaf, _key: back(leaf) if isinstance(leaf, str) else leaf, back
    )


def _back(text: str, of: Callable[[str], str]) -> str:
    """Fill a text; each string of JSON within is shorter than what holds it."""
    if not may_hold_json(text):
        return _fill(text, 0, len(text), of)
    parts: list[str] = []
    last = 0
    for token in json_tokens(text, "", lambda _parent, name, _fields: name):
        raw = text[token.start : token.end]
        if token.part is Part.NUMBER or "⟨" not in raw:
            continue
        parts.append(_fill(text, last, token.start, of))
        parts.append(written(_back(token.value, of), raw))
        last = token.end
    return "".join([*parts, _fill(text, last, len(text), of)])


def _fill(text: str, start: int, end: int, of: Callable[[str], str]) -> str:
    """Fill what is in no string of JSON that was read."""
    whole = text.strip()

    def fill(hit: re.Match[str]) -> str:
        value = of(hit[0])
        if hit[0] != whole:
            _check_place(text, hit, value)
        return value

    parts: list[str] = []
    for hit in FORM.finditer(text, start, end):
        parts += (text[start : hit.start()], fill(hit))
        start = hit.end()
    return "".join([*parts, text[start:end]])


def _check_place(text: str, hit: re.Match[str], value: str) -> None:
    before = text[max(0, hit.start() - _KEY_WINDOW) : hit.start()]
    if _BEHIND_KEY.search(before) is not None and text.find("{", 0, hit.start()) >= 0:
        raise MisplacedPlaceholder(
            f"{hit[0]} is a field of JSON without quotes; write it in quotes"
        )
    if _breaks_out(text, hit, value):
        raise MisplacedPlaceholder(
            f"what {hit[0]} stands for has quotes, and the text around it is no whole "
            "JSON; write it as JSON in which this is a string, or without any"
        )
    if "\n" in value and (
        _BEHIND_EQUALS.search(before) is not None or _FIELD.search(value) is not None
    ):
        raise MisplacedPlaceholder(
            f"what {hit[0]} stands for goes over lines, and would add some to a field; "
            "write it in a text of its own, or as a string of JSON"
        )


def _breaks_out(text: str, hit: re.Match[str], value: str) -> bool:
    """Tell a value that ends the quotes it stands in, or what is nearly JSON."""
    if _SPECIAL.search(value) is None:
        return False
    beside = {text[hit.start() - 1 : hit.start()], text[hit.end() : hit.end() + 1]}
    quotes = beside & {'"', "'"} | {_open_quote(text, hit.start())}
    is_in_quotes = any(quote and quote in value for quote in quotes)
    has_backslash = "\\" in value and quotes != {""}
    is_nearly_json = '"' in value or "\\" in value
    return is_in_quotes or has_backslash or (is_nearly_json and may_hold_json(text))


def _open_quote(text: str, place: int) -> str:
    """Give the quote within which a place of its line stands, if it does."""
    start = text.rfind("\n", max(0, place - _LINE_WINDOW), place) + 1
    quote = ""
    for sign in _QUOTE.finditer(text, max(start, place - _LINE_WINDOW), place):
        if quote == "":
            quote = sign[1] or ""
        elif sign[0] == quote:
            quote = ""
    return quote
