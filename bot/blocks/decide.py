"""A card as a modal: read, choose, say why."""

from collections.abc import Mapping, Sequence

from bot.blocks.card import MOST_PROSE_IN_VIEW, card_text, is_cut
from bot.blocks.card_actions import EVIDENCE, button_value
from bot.blocks.inputs import select_block, toggles_block, words_block
from bot.blocks.modals import REJECT_REASONS, again_block
from bot.blocks.text import (
    Block,
    clean,
    context,
    plain_text,
    section,
    texts_of,
    visible,
)
from bot.blocks.what import title_of

DECIDE_CALLBACK = "decide:submit"
APPROVE, REJECT = "approve", "reject"
TARGETS = "targets"
_CUT = (
    "⚠️ Not all of it fits here, so nobody approves it here: `autopilot approve` in a"
    " terminal shows it whole."
)
# A view has 100 blocks; what is around the cards takes some.
_MOST_SHOWN = 85


def decide_view(card: Mapping[str, object], metadata: str) -> Mapping[str, object]:
    """``metadata`` binds the decision to the digest of what is shown."""
    if card["state"] != "needs_approval":
        said = f"*{clean(title_of(card))}* is {str(card['state']).replace('_', ' ')}."
        return _view({"blocks": [section(said)]})
    is_whole = not is_cut(card, most_prose=MOST_PROSE_IN_VIEW)
    return _view(
        {
            "callback_id": DECIDE_CALLBACK,
            "private_metadata": metadata,
            "submit": plain_text("Decide", most=24),
            "blocks": [
                *card_text(card, most_prose=MOST_PROSE_IN_VIEW),
                *_evidence([card]),
                *_verdict(is_whole=is_whole),
                context("To edit it, use its card in the thread."),
            ],
        }
    )


def decide_all_view(
    cards: Sequence[Mapping[str, object]], home: str = ""
) -> Mapping[str, object]:
    """
    Show cards that differ in their target alone, with a toggle for each.

    Each that is chosen is a decision of its own, bound to its own digest.
    """
    shown: list[Block] = []
    for card in cards:
        shown += [*card_text(card), {"type": "divider"}]
    if len(shown) > _MOST_SHOWN:
        shown = [block for block in shown if block["type"] != "divider"]
    values = [button_value(card["proposal_id"], card["digest"]) for card in cards]
    options = {
        value: _plain(title_of(card)) for value, card in zip(values, cards, strict=True)
    }
    return _view(
        {
            "callback_id": DECIDE_CALLBACK,
            "private_metadata": " ".join([*values, home]).strip(),
            "submit": plain_text("Decide", most=24),
            "blocks": [
                section(f"*{len(cards)} alike* but for their target, each as it is:"),
                *shown,
                *_evidence(cards),
                toggles_block(TARGETS, "On which", options),
                *_verdict(is_whole=not any(map(is_cut, cards))),
                context("What you leave out waits on, and is not decided."),
            ],
        }
    )


def _verdict(*, is_whole: bool) -> list[Block]:
    """Ask for a decision; nobody approves of what is not shown whole."""
    choices = {APPROVE: "Approve", REJECT: "Reject"}
    if not is_whole:
        del choices[APPROVE]
    return [
        *([] if is_whole else [context(_CUT)]),
        select_block("verdict", "Decision", choices, initial=None),
        {
            **select_block("reason", "If you reject it", REJECT_REASONS, initial=None),
            "optional": True,
        },
        words_block("comment", "Why", "Stands on the card"),
        again_block(),
    ]


def _evidence(cards: Sequence[Mapping[str, object]]) -> list[Block]:
    """Open what they cite on top of this view; it is kept who has."""
    citing = [one for one in cards if texts_of(one.get("evidence_ids"))]
    if not citing:
        return []
    button = {
        "type": "button",
        "action_id": EVIDENCE,
        "text": plain_text("Evidence", most=75),
        "value": " ".join(
            button_value(one["proposal_id"], one["digest"]) for one in citing
        ),
    }
    return [{"type": "actions", "block_id": "evidence", "elements": [button]}]


def _plain(title: str) -> str:
    """Give words for a label, which takes no markup."""
    words = visible(" ".join(title.split()), most=75)
    return words.replace("<", "").replace(">", "") or "…"


def _view(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "type": "modal",
        "title": plain_text("Decide", most=24),
        "close": plain_text("Close", most=24),
        **fields,
    }
