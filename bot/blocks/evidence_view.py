"""What a card cites, to read in a modal: each piece with its tool and age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.blocks.evidence_text import fill, hear, read_body, tell_every, tell_part
from bot.blocks.text import Block, ago, clean, context, plain_text, section
from storage.tool_calls import Evidence

WHOLE = "evidence:whole"
MORE, BACK = "evidence:more", "evidence:back"
_MOST_PIECES = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Evidence under the number that it has in the thread of this task.

    ``value`` is the button's of the card that cites it; ``said`` are the words of
    findings that cite it, and what the card would act on. ``elsewhere`` tells that
    the task is not the card's own.
    """

    task: str
    number: int
    evidence: Evidence
    value: str = ""
    said: tuple[str, ...] = ()
    elsewhere: bool = False


def evidence_view(pieces: Sequence[Piece], after: int = 0) -> Mapping[str, object]:
    """
    Show ten pieces behind so many, redacted; what findings name first.

    What is shortened says so, and buttons lead to the other pieces.
    """
    blocks = []
    several = len({one.task for one in pieces}) > 1
    after = after if after < len(pieces) else 0
    page = pieces[after : after + _MOST_PIECES]
    for piece in page:
        blocks += _piece(piece, named=several or piece.elsewhere)
    if len(page) < len(pieces):
        blocks += _turning(pieces, after, len(page))
    if not blocks:
        blocks.append(section("This card cites no evidence that is kept here."))
    return _view("Evidence", blocks)


def _turning(pieces: Sequence[Piece], after: int, count: int) -> list[Block]:
    """Say which of them these are, and lead to those before and behind."""
    values = " ".join(dict.fromkeys(one.value for one in pieces))
    turns = [(BACK, "Back", after - _MOST_PIECES)] * (after > 0)
    turns += [(MORE, "More evidence", after + count)] * (after + count < len(pieces))
    where = f"{after + 1} to {after + count} of {len(pieces)} cited"
    buttons = [
        {
            "type": "button",
            "action_id": action,
            "text": plain_text(words, most=75),
            "value": f"{max(place, 0)} {values}",
        }
        for action, words, place in turns
    ]
    return [context(where), {"type": "actions", "elements": buttons}]


def whole_view(piece: Piece) -> Mapping[str, object]:
    """Show one piece to its last sign; of what no view holds, say how much it is."""
    lines = list(tell_every(read_body(piece.evidence.body)))
    texts, shown, signs = fill(lines)
    blocks = [section(text) for text in texts] or [section("…")]
    left = [f"{len(lines) - shown:,} of {len(lines):,} lines"] * (shown < len(lines))
    if signs:
        left.append(f"about {signs:,} signs of the last line shown")
    if left:
        where = f"`autopilot audit case {clean(piece.task)}` prints it whole"
        said = f"More than a view holds. Left out here: {' and '.join(left)}; {where}."
        blocks.insert(0, context(said))
    return _view(f"E{piece.number} whole", [*blocks, _read_at(piece)])


def _piece(piece: Piece, *, named: bool) -> list[Block]:
    one = piece.evidence
    where = f" · `{piece.task}`" if named else ""
    title = f"*E{piece.number} {clean(one.tool, most=80)}*{where}"
    said, is_part = tell_part(title, read_body(one.body), hear(piece.said))
    block = section(said)
    if is_part and piece.value:
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
