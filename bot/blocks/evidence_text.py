"""Evidence in words: what of a piece fits, what findings name first, or all of it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.blocks.text import clean, clean_lines, moment

# In JSON: ten of them fit into a view.
_MOST_PIECE_BYTES = 20_000
# Since September 2001 in Unix seconds: another number counts or measures something.
_FIRST_INSTANT, _LAST_INSTANT = 1e9, 1e10
_MOST_LINES, _MOST_NAME = 14, 40
# Of a list, at first; and what findings name of it, if that is more.
_MOST_ROWS, _MOST_CITED = 3, 6
# Of a line, as it is escaped; and of one that findings name.
_MOST_SIGNS, _MOST_NAMED_SIGNS = 200, 500
# Of a list or map in a row that findings don't name: more of it is only counted.
_MOST_NESTED_SIGNS = 60
_MOST_DEPTH = 12
# A section holds 3,000 signs, a view 100 blocks and 250 kB: ten pieces of so many, or
# one whole.
_MOST_TEXT, _BLOCK_BYTES = 2800, 100
_MOST_WHOLE, _MOST_WHOLE_BYTES = 97, 240_000
# What a row is called by, the first of these that it has.
_CALLED = ("key", "name", "route", "title")
# Shorter ones stand in any text.
_LEAST_WORD = _LEAST_DIGITS = 3
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_BLANKS = re.compile(r"\s+")
_MOST_NUMBER = 1e15


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    shortened: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What findings say, and the numbers in it, each with its decimal places."""

    texts: Sequence[str]
    numbers: Sequence[tuple[str, int]]


def read_body(body: str) -> Mapping[str, object]:
    """Give the fields of a piece; of what is no map, one without a name."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = body
    found = read if isinstance(read, Mapping) else {"": read}
    return {str(name): one for name, one in found.items()}


def hear(texts: Sequence[str]) -> Said:
    """Read findings: what they name, and the numbers that they give."""
    found = [one.replace(",", "") for text in texts for one in _NUMBER.findall(text)]
    numbers = {digits: len(digits.partition(".")[2]) for digits in found}
    return Said(texts, tuple(numbers.items()))


def tell_part(title: str, found: Mapping[str, object], said: Said) -> tuple[str, bool]:
    """Give what of a piece fits, and whether there is more; how much is counted."""
    text = title
    shown = 0
    shortened = False
    rows = {
        name: _first(one, said) for name, one in found.items() if isinstance(one, list)
    }
    for line in islice(_lines(found, rows, said), _MOST_LINES):
        longer = f"{text}\n{line.text}"
        if len(longer) > _MOST_TEXT or len(json.dumps(longer)) > _MOST_PIECE_BYTES:
            break
        text, shown = longer, shown + 1
        shortened = shortened or line.shortened
    more = len(found) + sum(len(one) for one in rows.values()) - shown
    if more:
        text += f"\n… {more} line{'s' * (more > 1)} more"
    return text, more > 0 or shortened


def _lines(
    found: Mapping[str, object], first: Mapping[str, Sequence[object]], said: Said
) -> Iterator[_Line]:
    """Give what is said of a piece; what findings name before all else."""
    # Of a list, its first row stands for it.
    heads = {**found, **{name: rows[0] for name, rows in first.items() if rows}}
    for name, one in sorted(
        found.items(), key=lambda each: _rank(heads[each[0]], said)
    ):
        is_long = len(name) > _MOST_NAME
        label = _label(_in_words(name), most=_MOST_NAME)
        if isinstance(one, list):
            left = len(one) - len(first[name])
            more = f", {left} not shown here" if left else ""
            yield _Line(f"{label}{len(one)}{more}", is_long or left > 0)
            for row in first[name]:
                told = _told("", row, said)
                yield _Line(f"• {told.text}", told.shortened)
        else:
            told = _told(name, one, said)
            text = told.text if isinstance(one, Mapping) else f"*{told.text}*"
            yield _Line(f"{label}{text}", is_long or told.shortened)


def _label(name: str, *, most: int) -> str:
    return f"{clean(name, most=most)}: " if name else ""


def _rank(value: object, said: Said) -> int:
    """Give 0 for what findings name by a word, 1 by a number, and 2 for all else."""
    if _is_named(value, said):
        return 0
    values = value.values() if isinstance(value, Mapping) else [value]
    return 2 - any(
        isinstance(one, int | float) and _is_said(one, said, least=_LEAST_DIGITS)
        for one in values
    )


def _first(rows: Sequence[object], said: Said) -> Sequence[object]:
    """Give what findings name first, then the list's own first."""
    ranks = [_rank(one, said) for one in rows]
    order = sorted(range(len(rows)), key=lambda place: ranks[place])
    cited = min(_MOST_CITED, len(rows) - ranks.count(2))
    return [rows[place] for place in order[: max(_MOST_ROWS, cited)]]


def _leaves(value: object) -> Iterator[object]:
    """Give what lists and maps hold in the end, however deep."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            left += one.values()
        elif isinstance(one, list):
            left += one
        else:
            yield one


def _is_named(value: object, said: Said) -> bool:
    """Tell whether findings name a word in it."""
    return any(
        isinstance(one, str)
        and len(one) >= _LEAST_WORD
        and any(one in text for text in said.texts)
        for one in _leaves(value)
    )


def _is_said(value: object, said: Said, *, least: int = 1) -> bool:
    """Tell whether findings name a word in it, or its number as they round it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _is_named(value, said)
    if not abs(value) < _MOST_NUMBER:
        return False
    # A share is told in percent.
    return any(
        digits in {f"{value:.{places}f}", f"{value * 100:.{places}f}"}
        for digits, places in said.numbers
        if len(digits.replace(".", "")) >= least
    )


def _turned(value: object, said: Said, depth: int = 0) -> object:
    """Give what findings name with that first, so that a cut leaves it."""
    if depth > _MOST_DEPTH or not _is_named(value, said):
        return value
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda each: not _is_said(each[1], said))
        return {name: _turned(one, said, depth + 1) for name, one in pairs}
    if isinstance(value, list):
        rows = sorted(value, key=lambda one: not _is_named(one, said))
        return [_turned(one, said, depth + 1) for one in rows]
    return value


def _told(name: str, value: object, said: Said) -> _Line:
    """Give a value on one line, shortened; more of what findings name."""
    most = _MOST_NAMED_SIGNS if _is_named(value, said) else _MOST_SIGNS
    turned = _turned(value, said)
    if not isinstance(turned, Mapping) or not turned:
        return _cut(_words(name, turned), most)
    called = "" if name else _called(turned)
    text = _cut(_words("", turned[called]), _MOST_NAME).text if called else ""
    text = f"*{text}*" if text else ""
    shortened = False
    for key, one in turned.items():
        if key == called and len(str(one)) <= _MOST_NAME:
            continue
        label = _label(_in_words(str(key)), most=_MOST_NAME)
        line = _cut(_words(str(key), one), most)
        is_nested = isinstance(one, list | Mapping) and not _is_named(one, said)
        if is_nested and len(line.text) > _MOST_NESTED_SIGNS:
            line = _Line(f"{len(one)} not shown here", shortened=True)
        text += f"{', ' if text else ''}{label}{line.text}"
        shortened = shortened or line.shortened or len(str(key)) > _MOST_NAME
        if len(text) > most:
            break
    told = _cut([text], most)
    return _Line(told.text, shortened or told.shortened)


def _called(row: Mapping[object, object]) -> str:
    """Give the field by which a row is called, if it has one."""
    return next((one for one in _CALLED if isinstance(row.get(one), str)), "")


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _cut(parts: Iterable[str], most: int) -> _Line:
    """Give these as one line of at most so many signs; read no more than it needs."""
    text = ""
    for part in parts:
        text = _BLANKS.sub(" ", f"{text}{part}").lstrip()
        if len(text) > most:
            return _Line(f"{text[: _end(text, most - 1)]}…", shortened=True)
    return _Line(text or "…", shortened=False)


def _words(name: str, value: object, depth: int = 0) -> Iterator[str]:
    """Give all of a value; what it nests in brackets."""
    if isinstance(value, Mapping) and depth <= _MOST_DEPTH:
        yield "{"
        yield from _pairs(value, depth + 1)
        yield "}"
    elif isinstance(value, list) and depth <= _MOST_DEPTH:
        yield "["
        for number, one in enumerate(value):
            yield ", " if number else ""
            yield from _words("", one, depth + 1)
        yield "]"
    else:
        yield _plain(name, value)


def _pairs(row: Mapping[str, object], depth: int) -> Iterator[str]:
    for number, (name, one) in enumerate(row.items()):
        yield ", " if number else ""
        yield _label(str(name), most=len(str(name)) + 1)
        yield from _words(str(name), one, depth)


def _plain(name: str, value: object) -> str:
    """Give an instant in the reader's own zone, and anything else as it is."""
    named_so = name == "at" or name.endswith("_at")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if named_so and is_number and _FIRST_INSTANT < float(str(value)) < _LAST_INSTANT:
        return moment(value)
    if value is None or value == "":
        return "none" if value is None else '""'
    nested = isinstance(value, list | Mapping)
    text = json.dumps(value, ensure_ascii=False) if nested else str(value)
    # No line of a stranger's begins as one of ours does.
    return clean_lines(text, most=len(text) + 1).replace("\n", "\n    ") or "…"


def tell_every(found: Mapping[str, object]) -> Iterator[Iterator[str]]:
    """Give each line of a piece, in parts that are made as they are read."""
    for name, one in found.items():
        label = _label(name, most=len(name) + 1)
        if isinstance(one, list):
            yield iter([f"{label}{len(one)}"])
            for row in one:
                yield _row("• ", row)
        else:
            yield _row(label, one, name=name)


def _row(label: str, value: object, *, name: str = "") -> Iterator[str]:
    yield label
    if isinstance(value, Mapping) and value:
        yield from _pairs(value, 1)
        return
    text = "".join(_words(name, value))
    is_short = not label.startswith("•") and len(text) <= _MOST_SIGNS
    yield f"*{text}*" if is_short and "\n" not in text else text


def fill(lines: Iterable[Iterator[str]]) -> tuple[list[str], int, int]:
    """Give a view's texts, how many lines they show, and what the last one lacks."""
    texts: list[str] = []
    room = _MOST_WHOLE_BYTES
    for number, line in enumerate(lines):
        chunks = _chunks(line)
        for place, chunk in enumerate(chunks):
            fits = bool(texts) and len(texts[-1]) + len(chunk) < _MOST_TEXT
            room -= len(json.dumps(chunk)) + (0 if fits else _BLOCK_BYTES)
            if room < 0 or (not fits and len(texts) >= _MOST_WHOLE):
                left = len(chunk) + sum(len(one) for one in chunks) if place else 0
                return texts, number + (place > 0), left
            if fits:
                texts[-1] += f"\n{chunk}"
            else:
                texts.append(chunk)
    return texts, number + 1 if texts else 0, 0


def _chunks(parts: Iterable[str]) -> Iterator[str]:
    """Give a line in texts that a section holds; what goes on begins with an …."""
    text = mark = ""
    for part in parts:
        text += part
        at = 0
        while len(text) - at > _MOST_TEXT:
            window = text[at : at + _MOST_TEXT]
            end = _end(window, _MOST_TEXT)
            yield f"{mark}{window[:end]}"
            at += end
            mark = "… "
        text = text[at:]
    yield f"{mark}{text}"


def _end(text: str, most: int) -> int:
    """Give where escaped text may be cut: in no instant and no ``&amp;``."""
    end = text.rfind(" ", most - _MOST_SIGNS // 4, most) + 1 or most
    for opening, closing in ("<>", "&;"):
        start = text.rfind(opening, 0, end)
        if start >= 0 and closing not in text[start:end]:
            end = start
    return end
