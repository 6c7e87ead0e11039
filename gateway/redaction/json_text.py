"""
JSON in a text, edited where it stands: what is not replaced stays as it was written.

So numbers keep every digit, a field that stands twice stands twice, and an escape that
hides nothing is none of ours. A text is JSON as a whole, blanks and a mark of its byte
order around it, or line by line.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.redaction.nested_key import NAMES_A_VALUE

# What is given a value and the key that it stands under, and gives what it is now.
Edit = Callable[[str, str], str]
_BLANK = "\ufeff \t\r\n\x0b\x0c\xa0\u2028\u2029"
_BEGIN = frozenset('{["')
_END = {"{": "}", "[": "]", '"': '"'}
_BEGINS_A_LINE = re.compile(r"\n[^\S\n]{0,80}[{\[\"]")
_LINE = re.compile(r"[^\n]+")
_FEWEST_SIGNS = 3
# A string, with a colon behind it a key; an integer; what opens and closes.
_TOKEN = re.compile(
    r"\"((?:[^\"\\]++|\\.)*+)\"(\s*+:)?+|(-?\d[\d.eE+\-]*+)|([{\[])|([}\]])"
)
_INTEGER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open stretch of JSON; ``is_too_deep`` for the parser, so none knows."""

    start: int
    end: int
    is_too_deep: bool = False


@dataclass(frozen=True, slots=True)
class Editor:
    """
    What becomes of strings, integers and keys.

    ``on_integer`` is given the digits as they are written; what it gives back
    unchanged stays a number, anything else becomes a string. ``field_key`` names a
    field's key from its parent's, its own name, and the fields before it that are in
    ``NAMES_A_VALUE``.
    """

    on_string: Edit
    on_integer: Edit
    on_key: Callable[[str], str]
    field_key: Callable[[str, str, Mapping[str, str]], str]


def may_hold_json(text: str) -> bool:
    """Tell by the first signs of the text and of its lines; cheap, and never final."""
    if '"' not in text or len(text) < _FEWEST_SIGNS:
        return False
    first = text[0]
    if first in _BEGIN or (first in _BLANK and text.lstrip(_BLANK)[:1] in _BEGIN):
        return True
    return "\n" in text and _BEGINS_A_LINE.search(text) is not None


def json_stretches(text: str) -> Iterator[Stretch]:
    """Give the whole of a text that is JSON, else those of its lines that are."""
    whole = _stretch(text, 0, len(text))
    if whole is not None:
        yield whole
        return
    if "\n" not in text:
        return
    for line in _LINE.finditer(text):
        found = _stretch(text, *line.span())
        if found is not None:
            yield found


def is_json(text: str) -> bool:
    return _stretch(text, 0, len(text)) is not None


def edited(text: str, key: str, editor: Editor) -> str:
    """
    Edit JSON that stands under a key; nothing recurses.

    Give ``text`` itself if nothing was to be replaced.
    """
    parts: list[str] = []
    last = 0
    # The key of what encloses, and the one that the next value stands under; what the
    # fields before it are called, and the field itself.
    above: list[tuple[str, dict[str, str]]] = []
    under = here = key
    fields: dict[str, str] = {}
    field = ""
    names: dict[str, str] = {}
    for hit in _TOKEN.finditer(text):
        if hit[4]:
            above.append((under, fields))
            under, fields, field = here, {}, ""
        elif hit[5]:
            under, fields = above.pop()
            here, field = under, ""
        else:
            old, new = _edit(hit, here, editor, names)
            if hit[2]:
                here, field = editor.field_key(under, old, fields), old
            elif field in NAMES_A_VALUE:
                fields[field] = old
            if new != old:
                end = hit.end(1) + 1 if hit[3] is None else hit.end()
                parts += (text[last : hit.start()], json.dumps(new, ensure_ascii=False))
                last = end
    return "".join([*parts, text[last:]]) if parts else text


def _edit(
    hit: re.Match[str], here: str, editor: Editor, names: dict[str, str]
) -> tuple[str, str]:
    """Give what a string or a number says, and what is to stand there."""
    number: str | None = hit[3]
    if number is not None:
        is_integer = _INTEGER.fullmatch(number) is not None
        return number, editor.on_integer(number, here) if is_integer else number
    old: str = hit[1]
    if "\\" in old:
        old = json.loads(f'"{old}"')
    if not hit[2]:
        return old, editor.on_string(old, here)
    found = names.get(old)
    if found is None:
        # each name once: rows of one kind have the same ones
        found = names[old] = editor.on_key(old)
    return old, found


def _stretch(text: str, start: int, end: int) -> Stretch | None:
    bare = text[start:end].lstrip(_BLANK)
    start = end - len(bare)
    bare = bare.rstrip(_BLANK)
    if len(bare) < _FEWEST_SIGNS or _END.get(bare[0]) != bare[-1]:
        return None
    try:
        # literals are not read: an integer may be too long to be one
        json.loads(bare, parse_int=str, parse_float=str)
    except ValueError:
        return None
    except RecursionError:
        return Stretch(start, start + len(bare), is_too_deep=True)
    return Stretch(start, start + len(bare))
