"""What a card cites, to read in a modal: each piece with its tool and age."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.blocks.text import (
    Block,
    ago,
    clean,
    context,
    moment,
    plain_text,
    section,
    sections,
)
from storage.tool_calls import Evidence

WHOLE = "evidence:whole"
_MOST_PIECES = 10
# September 2001 in Unix seconds: a smaller number counts or measures something else.
_FIRST_INSTANT = 1e9
_MOST_LINES = 14
# Of a list, at first; and what findings name of it, if that is more.
_MOST_ROWS = 3
_MOST_CITED = 6
# Ten pieces of so many lines, each sign escaped to five, stay within a view's 250 kB.
_MOST_SIGNS = 120
# A piece whole: a view has 100 blocks, and 250 kB.
_MOST_WHOLE = 90
_MOST_WHOLE_SIGNS = 150_000
# Shorter ones stand in any text.
_LEAST_WORD = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Evidence under the number that it has in the thread of this task.

    ``value`` is the button's of the card that cites it; ``said`` are the words of
    findings that cite it, and what the card would act on.
    """

    task: str
    number: int
    evidence: Evidence
    value: str = ""
    said: tuple[str, ...] = ()


def evidence_view(pieces: Sequence[Piece]) -> Mapping[str, object]:
    """
    Show pieces under the numbers that they have in their thread.

    They are as they are kept: redacted, under their digest; of long lists what findings
    name, or their first, with a button for the rest.
    """
    blocks = []
    several = len({one.task for one in pieces}) > 1
    for piece in pieces[:_MOST_PIECES]:
        blocks += _piece(piece, several=several)
    left = [f"E{one.number}" for one in pieces[_MOST_PIECES:]]
    if left:
        blocks.append(context(f"{len(left)} more are cited: {', '.join(left)}"))
    if not blocks:
        blocks.append(section("This card cites no evidence that is kept here."))
    return _view("Evidence", blocks)


def whole_view(piece: Piece) -> Mapping[str, object]:
    """Show one piece with every row, as far as a view holds them."""
    rows = [
        line
        for name, one in _read(piece.evidence.body).items()
        for line in _say(name, one, rows=one if isinstance(one, list) else [])
    ]
    kept: list[Block] = []
    room = _MOST_WHOLE_SIGNS
    for block in sections(rows or ["…"]):
        room -= len(json.dumps(block, ensure_ascii=True))
        if room < 0 or len(kept) >= _MOST_WHOLE:
            kept.append(context("More than a view holds; the rest is left out here."))
            break
        kept.append(block)
    return _view(f"E{piece.number} whole", [*kept, _read_at(piece)])


def _piece(piece: Piece, *, several: bool) -> list[Block]:
    one = piece.evidence
    where = f" · `{piece.task}`" if several else ""
    lines, hidden = _lines(one.body, piece.said)
    said = "\n".join(lines)
    block = section(f"*E{piece.number} {clean(one.tool)}*{where}\n{said}")
    if hidden and piece.value:
        block["accessory"] = {
            "type": "button",
            "action_id": WHOLE,
            "text": plain_text(f"All of E{piece.number}", most=75),
            "value": f"{piece.value} {one.id}",
        }
    return [block, _read_at(piece)]


def _read_at(piece: Piece) -> Block:
    one = piece.evidence
    return context(f"read {ago(one.created_at.timestamp())} · `{one.digest[:12]}`")


def _view(title: str, blocks: Sequence[Block]) -> Mapping[str, object]:
    return {
        "type": "modal",
        "callback_id": "evidence",
        "title": plain_text(title, most=24),
        "close": plain_text("Close", most=24),
        "blocks": list(blocks),
    }


def _read(body: str) -> Mapping[str, object]:
    try:
        read = json.loads(body)
    except ValueError:
        read = body
    found = read if isinstance(read, Mapping) else {"": read}
    return {str(name): one for name, one in found.items()}


def _lines(body: str, said: Sequence[str]) -> tuple[list[str], bool]:
    """Give what is said of a piece, and whether there is more."""
    lines: list[str] = []
    hidden = False
    found = _read(body)
    # A list of which findings name something is read before all else.
    for name, one in sorted(found.items(), key=lambda each: not _names(each[1], said)):
        rows: Sequence[object] = []
        if isinstance(one, list):
            rows = _first(one, said)
            hidden = hidden or len(rows) < len(one)
        lines += _say(name, one, rows=rows)
    more = len(lines) - _MOST_LINES
    if more <= 0:
        return lines, hidden
    return [*lines[:_MOST_LINES], f"… {more} lines more"], True


def _first(rows: Sequence[object], said: Sequence[str]) -> Sequence[object]:
    """Give what findings name first, then the list's own first."""
    cited = [one for one in rows if _is_named(one, said)][:_MOST_CITED]
    others = [one for one in rows if not _is_named(one, said)]
    return [*cited, *others[: max(0, _MOST_ROWS - len(cited))]]


def _names(value: object, said: Sequence[str]) -> bool:
    return isinstance(value, list) and any(_is_named(one, said) for one in value)


def _is_named(row: object, said: Sequence[str]) -> bool:
    values = row.values() if isinstance(row, Mapping) else [row]
    words = [one for one in values if isinstance(one, str) and len(one) >= _LEAST_WORD]
    return any(word in text for word in words for text in said)


def _say(name: str, value: object, *, rows: Sequence[object]) -> list[str]:
    """Give a value's own line, and one for each of these rows of a list."""
    if not isinstance(value, list):
        return [f"{clean(name, most=40)}: *{_worded(name, value)}*"]
    left = len(value) - len(rows)
    more = f", {left} not shown here" if left else ""
    said = [f"{clean(name, most=40)}: {len(value)}{more}"]
    return said + [f"• {_short(one)}" for one in rows]


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
