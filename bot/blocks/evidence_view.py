"""What a card cites, to read in a modal: each piece with its tool and age."""

from collections.abc import Mapping, Sequence

from bot.blocks.text import ago, clean, context, plain_text, section
from storage.tool_calls import Evidence

_MOST_PIECES = 10
_MOST_SIGNS = 1500


def evidence_view(pieces: Sequence[Evidence]) -> Mapping[str, object]:
    """Show the newest of them as they are kept: redacted, under their digest."""
    blocks = []
    for number, one in enumerate(pieces[:_MOST_PIECES], 1):
        blocks += [
            section(
                f"*{number}. {clean(one.tool)}*\n{clean(one.body, most=_MOST_SIGNS)}"
            ),
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
