"""
Values that a line above them or a tag around them names: YAML's blocks, XML's elements.

In YAML what is indented deeper than a telling key's line is its value: a text over
lines, a list, or fields that say nothing of their own (``value:``). In a Kubernetes
Secret that is all that stands under ``data:`` and ``stringData:``.
"""

import re
from collections.abc import Iterator
from itertools import chain

from gateway.redaction.keys import is_display_name, is_form, kind_under
from gateway.redaction.plausible import is_value
from gateway.redaction.span import Kind, Policy, Span

# A text is searched behind its key (``find_under``), where its first line begins.
_HEAD = re.compile(r"[A-Za-z_][\w.\-]{0,79}=\"")
_OPENING = (
    r"([ \t]{0,160})(?:-[ ]{1,4})?"
    r"[\"']?([^\W\d][\w.\-]{0,79}+)[\"']?:[ \t]{0,8}"
    r"(?:(?:![\w!]{1,20}[ ])?([|>])[+\-\d]{0,2})?[ \t]*(?:\#[^\n]{0,200})?\r?$"
)
_OPENS = re.compile(rf"^{_OPENING}", re.MULTILINE)
_OPENS_FIRST = re.compile(_OPENING, re.MULTILINE)
_LINE = re.compile(r"\n([ \t]*)([^\n]*)")
_FIELD = re.compile(
    r"(?:-[ ]{1,4})?[\"']?([^\W\d][\w.\-]{0,79}+)[\"']?:(?:[ \t]{1,8}|\r?\Z)"
)
_ITEM = re.compile(r"-[ ]{1,4}(?=\S)")
_BARE = re.compile(r"([\"']?)(.*?)\1(?:[ \t]+\#[^\n]*)?\s*\Z", re.DOTALL)
# What goes on in lines of its own, and what is no value.
_NO_SCALAR = re.compile(r"\s*|[{\[&*!#].*|---.*")
_OPENS_TEXT = re.compile(r"[|>][+\-\d]{0,2}\s*(?:\#.*)?")
_SECRET_OBJECT = re.compile(
    r"^[ \t]*(?:-[ ]{1,4})?kind:[ ]{1,4}[\"']?Secret\b", re.MULTILINE
)
_DATA = frozenset({"data", "stringData"})
_ELEMENT = re.compile(
    r"<([A-Za-z_][\w.:\-]{0,79}+)(?:\s[^<>]{0,300}+)?>\s*"
    r"(?:<!\[CDATA\[([^\]⟨⟩]{1,4000}+)\]\]>\s*|([^<>⟨⟩]{1,4000}+))</"
)
# Attributes that name what an element holds, and elements that name the next one.
_NAMED = re.compile(
    r"<[A-Za-z_][\w.:\-]{0,79}+(?=\s)[^<>]{0,200}?\s(?:name|key|id)=[\"']"
    r"([A-Za-z_][\w.\-]{0,79}+)[\"'](?:[^<>]{0,200}?\svalue=\"([^\"<>⟨⟩]{1,4000}+)\""
    r"|[^<>/]{0,200}>\s*([^<>⟨⟩]{1,4000}+)</)"
)
_NEXT = re.compile(
    r"<(?:name|key)>\s*([A-Za-z_][\w.\-]{0,79}+)\s*</(?:name|key)>\s*"
    r"<(?:value|string)>(?:()|([^<>⟨⟩]{1,4000}+))</"
)
_LONGEST_KIND = 200
_LONGEST_BLOCK = 20_000


def blocks(text: str) -> Iterator[Span]:
    """Give the secrets that YAML has on lines below their key; they may repeat."""
    if ":" not in text or "\n" not in text:
        return
    head = _HEAD.match(text)
    begins = text if head is None else text[head.end() : head.end() + _LONGEST_KIND]
    is_secret = bool(_SECRET_OBJECT.match(begins) or _SECRET_OBJECT.search(text))
    first = None if head is None else _OPENS_FIRST.match(text, head.end())
    reach = 0
    for hit in chain([] if first is None else [first], _OPENS.finditer(text)):
        if hit.end() < reach:
            continue
        is_map = is_secret and hit[2] in _DATA
        if not is_map and kind_under(hit[2], Policy()) is not Kind.SECRET:
            continue
        for span in _block(text, hit, is_map=is_map):
            yield span
            reach = span.end


def elements(text: str, policy: Policy) -> Iterator[Span]:
    """Give what stands in XML's elements of a telling name."""
    if "</" not in text:
        return
    for hit in chain(*(one.finditer(text) for one in (_ELEMENT, _NAMED, _NEXT))):
        kind = kind_under(hit[1], policy)
        group = 2 if hit[2] is not None else 3
        if kind is None or is_display_name(hit[1]):
            continue
        if is_value(kind, hit[group], hit[1]):
            start = hit.start(group)
            yield Span(start, start + len(hit[group].rstrip()), kind)


def _block(text: str, opening: re.Match[str], *, is_map: bool) -> Iterator[Span]:
    """Give what the lines that are deeper than the opening one hold."""
    column = opening.start(2) - opening.start()
    is_item = column > len(opening[1]) + 1
    indent = column if is_item else len(opening[1])
    place = opening.end()
    # Deeper than this a line is a text's, whole.
    text_indent = indent if opening[3] is not None else None
    while (line := _LINE.match(text, place)) is not None:
        is_blank = line[2].strip() == ""
        depth = len(line[1])
        is_list = depth == indent and not is_item and line[2].startswith("- ")
        is_over = not (is_blank or is_list or depth > indent)
        if is_over or place - opening.end() > _LONGEST_BLOCK:
            return
        place = line.end()
        if is_blank:
            continue
        if text_indent is not None and depth > text_indent:
            yield _whole(text, line)
            continue
        start = _start_of_value(line, is_map=is_map)
        text_indent = None
        if start is None:
            continue
        if _OPENS_TEXT.fullmatch(text, start, line.end()):
            text_indent = depth
        elif (span := _value(text, start, line, opening[2])) is not None:
            yield span


def _whole(text: str, line: re.Match[str]) -> Span:
    start, end = line.span(2)
    return Span(start, start + len(text[start:end].rstrip()), Kind.SECRET)


def _start_of_value(line: re.Match[str], *, is_map: bool) -> int | None:
    field = _FIELD.match(line[2])
    if field is not None:
        return line.start(2) + field.end() if is_map or is_form(field[1]) else None
    item = _ITEM.match(line[2])
    return line.start(2) + (0 if item is None else item.end())


def _value(text: str, start: int, line: re.Match[str], key: str) -> Span | None:
    """Give a value without its quotes and a comment; prose is none."""
    found = _BARE.match(text, start, line.end())
    if found is None or _NO_SCALAR.fullmatch(found[2]):
        return None
    is_prose = not found[1] and " " in found[2]
    is_told = key in _DATA or is_value(Kind.SECRET, found[2], key)
    return None if is_prose or not is_told else Span(*found.span(2), Kind.SECRET)
