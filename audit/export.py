"""
The lines of an export and of an anchor file (``docs/ledger-format.md``).

A line is one JSON object in RFC 8785 form: there is one way to write it, so that a
reader compares bytes. Three kinds: the header, an entry, a checkpoint.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from audit.record import Record, canonical

FORMAT = "ops-autopilot-ledger/1"
_HASH_CHARACTERS = 64
# What a double can tell from its neighbours (RFC 8785 §3.2.2.3).
_MOST_NUMBER = 2**53 - 1
_NUMBERS = {"task_seq"}
_MAY_LACK = {"task", "task_seq"}


class BadLine(Exception):
    """A line is none of this format."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: whose ledger, and under which name checkpoints are signed."""

    origin: str
    tenant: str


@dataclass(frozen=True, slots=True)
class ChainedRecord:
    """An entry with its place and its link, in hexadecimal."""

    seq: int
    hash: str
    record: Record


@dataclass(frozen=True, slots=True)
class Note:
    """A signed checkpoint, as text; not to be believed before it was opened."""

    text: str


Line = Header | ChainedRecord | Note


def render_line(line: Line) -> str:
    """Give the line with its newline."""
    shown: dict[str, object]
    match line:
        case Header(origin, tenant):
            shown = {"format": FORMAT, "origin": origin, "tenant": tenant}
        case ChainedRecord(seq, hash_, record):
            shown = {"entry": dict(record.fields), "hash": hash_, "seq": seq}
        case Note(text):
            shown = {"checkpoint": text}
    return _canonical(shown) + "\n"


def parse_line(line: bytes) -> Line:
    """
    Read one line, with its newline.

    Raises:
        BadLine: it differs in any byte from how this format writes it.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("the line is no JSON") from None
    if not isinstance(found, dict):
        raise BadLine("the line is no object")
    read = _read(found)
    if render_line(read).encode() != line:
        raise BadLine("the line is not written as RFC 8785 JSON of this format")
    return read


def parse_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """
    Read a whole export, line after line.

    Raises:
        BadLine: a line is none, with its number.
    """
    for number, line in enumerate(lines, 1):
        try:
            yield parse_line(line)
        except BadLine as exc:
            raise BadLine(f"line {number}: {exc}") from exc


def parse_anchors(content: bytes) -> list[str]:
    """
    Read an anchor file: one checkpoint a line.

    A line that a crash cut off is passed over where the next one repeats it whole, and
    at the end of the file, where it is still to be repeated.

    Raises:
        BadLine: another line is none.
    """
    notes: list[str] = []
    *lines, _unfinished = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            read = parse_line(line + b"\n")
        except BadLine as exc:
            following = lines[number] if number < len(lines) else None
            if following is None or following.startswith(line):
                continue
            raise BadLine(f"anchor line {number}: {exc}") from exc
        if not isinstance(read, Note):
            raise BadLine(f"anchor line {number}: no checkpoint")
        notes.append(read.text)
    return notes


def _read(found: Mapping[str, object]) -> Line:
    match found:
        case {"checkpoint": str(text)} if len(found) == 1:
            return Note(text)
        case {"entry": dict(entry), "hash": str(hash_), "seq": int(seq)}:
            is_number = not isinstance(seq, bool) and 1 <= seq <= _MOST_NUMBER
            if len(hash_) != _HASH_CHARACTERS or not is_number:
                raise BadLine("hash or sequence are malformed")
            return ChainedRecord(seq, hash_, _read_record(entry))
        case {"format": str(name), "origin": str(origin), "tenant": str(tenant)}:
            if name != FORMAT:
                raise BadLine(f"the format is {name!r}; this reads {FORMAT}")
            return Header(origin, tenant)
    raise BadLine("the line is neither header, entry nor checkpoint")


def _read_record(entry: Mapping[str, object]) -> Record:
    names = [one.name for one in fields(Record)]
    if set(entry) != set(names):
        raise BadLine(f"an entry has {', '.join(names)}, and nothing else")
    for name, value in entry.items():
        kind = int if name in _NUMBERS else str
        lacks = value is None and name in _MAY_LACK
        if not lacks and (not isinstance(value, kind) or isinstance(value, bool)):
            raise BadLine(f"{name} is malformed")
        if isinstance(value, int) and not 0 <= value <= _MOST_NUMBER:
            raise BadLine(f"{name} is no number that RFC 8785 can write")
    return Record(**entry)  # type: ignore[arg-type]


def _canonical(value: object) -> str:
    try:
        return canonical(value).decode()
    except UnicodeEncodeError as exc:
        raise BadLine("the line holds what RFC 8785 cannot write") from exc
