"""What a card cites, to read in a modal: each piece with its tool and age."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.blocks.text import ago, clean, context, moment, plain_text, section
from storage.tool_calls import Evidence

_MOST_PIECES = 10
# September 2001 in Unix seconds: a smaller number counts or measures something else.
_FIRST_INSTANT = 1e9
_MOST_LINES = 14
# Ten pieces of so many lines, each sign escaped to five, stay within a view's 250 kB.
_MOST_SIGNS = 120


@dataclass(frozen=True, slots=True)
class Piece:
    """Evidence under the number that it has in the thread of this task."""

    task: str
    number: int
    evidence: Evidence


def evidence_view(pieces: Sequence[Piece]) -> Mapping[str, object]:
    """
    Show pieces under the numbers that they have in their thread.

    They are as they are kept: redacted, under their digest; long lists by their first.
    """
    blocks = []
    several = len({one.task for one in pieces}) > 1
    for piece in pieces[:_MOST_PIECES]:
        one = piece.evidence
        where = f" · `{piece.task}`" if several else ""
        lines = "\n".join(_lines(one.body))
        blocks += [
            section(f"*E{piece.number} {clean(one.tool)}*{where}\n{lines}"),
            context(f"read {ago(one.created_at.timestamp())} · `{one.digest[:12]}`"),
        ]
    if len(pieces) > _MOST_PIECES:
        blocks.append(context(f"{len(pieces) - _MOST_PIECES} more in the ledger."))
    if not blocks:
        blocks.append(section("This card cites no evidence that is kept here."))
    return {
        "type": "modal",
        "callback_id": "evidence",
        "title": plain_text("Evidence", most=24),
        "close": plain_text("Close", most=24),
        "blocks": blocks,
    }


def _lines(body: str) -> list[str]:
    try:
        read = json.loads(body)
    except ValueError:
        read = body
    found = read if isinstance(read, Mapping) else {"": read}
    lines = [line for name, one in found.items() for line in _say(str(name), one)]
    more = len(lines) - _MOST_LINES
    return lines[:_MOST_LINES] + ([f"… {more} lines more"] if more > 0 else [])


def _say(name: str, value: object) -> list[str]:
    """Give a value's own line, and one for each of the first three of a list."""
    if isinstance(value, list):
        said = [f"{clean(name, most=40)}: {len(value)}"]
        return said + [f"• {_short(one)}" for one in value[:3]]
    return [f"{clean(name, most=40)}: *{_worded(name, value)}*"]


def _worded(name: str, value: object, *, most: int = _MOST_SIGNS) -> str:
    """Give an instant in the reader's own zone, and anything else as it is."""
    named_so = name == "at" or name.endswith("_at")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if named_so and is_number and float(str(value)) > _FIRST_INSTANT:
        return moment(value)
    return _short(value, most=most)


def _short(value: object, *, most: int = _MOST_SIGNS) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_pairs(value)) or "…"
    return clean(value, most=most) or "…"


def _pairs(row: Mapping[str, object]) -> Iterator[str]:
    """Give what a row says plainly, as long as it fits."""
    room = _MOST_SIGNS
    for name, one in row.items():
        if isinstance(one, list | Mapping) or one in {"", None}:
            continue
        if room <= 0:
            yield "…"
            return
        yield f"{clean(name, most=40)} {_worded(name, one, most=room)}"
        room -= len(f"{name} {one}, ")
