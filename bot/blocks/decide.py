"""A card as a modal: read, choose, say why."""

from collections.abc import Mapping

from bot.blocks.card import card_text, title_of
from bot.blocks.inputs import select_block, words_block
from bot.blocks.modals import REJECT_REASONS
from bot.blocks.text import clean, context, plain_text, section

DECIDE_CALLBACK = "decide:submit"
APPROVE, REJECT = "approve", "reject"


def decide_view(card: Mapping[str, object], metadata: str) -> Mapping[str, object]:
    """``metadata`` binds the decision to the digest of what is shown."""
    if card["state"] != "needs_approval":
        said = f"*{clean(title_of(card))}* is {str(card['state']).replace('_', ' ')}."
        return _view({"blocks": [section(said)]})
    choices = {APPROVE: "Approve", REJECT: "Reject"}
    return _view(
        {
            "callback_id": DECIDE_CALLBACK,
            "private_metadata": metadata,
            "submit": plain_text("Decide", most=24),
            "blocks": [
                *card_text(card),
                select_block("verdict", "Decision", choices, initial=None),
                select_block(
                    "reason", "If you reject it", REJECT_REASONS, initial="other"
                ),
                words_block("comment", "Why", "Stands on the card"),
                context("To edit it, use its card in the thread."),
            ],
        }
    )


def _view(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "type": "modal",
        "title": plain_text("Decide", most=24),
        "close": plain_text("Close", most=24),
        **fields,
    }
