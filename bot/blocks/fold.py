"""One card for several that differ in their target alone, with a toggle for each."""

import json
from collections.abc import Mapping, Sequence

from bot.blocks.card import claims_of, needs, say_factors, say_risk, say_undo, title_of
from bot.blocks.card_actions import EVIDENCE, button_value
from bot.blocks.root import Rendered
from bot.blocks.text import (
    Block,
    bold,
    clean,
    clean_line,
    context,
    mapping_of,
    plain_text,
    section,
    texts_of,
    visible,
)

TARGETS = "fold:targets"
APPROVE, REJECT, EACH = "fold:approve", "fold:reject", "fold:each"
# So much is said in each place, or less where all of it would fit into no message.
_WORDS = (80, 50, 30, 20, 10)
# Of the 13,200 characters that Slack takes as a message's blocks (bolt-js issue 2509).
MOST_SIGNS = 13_000


def render_fold(facts: Mapping[str, object]) -> Rendered:
    """The card of those that still wait; each decided one has a card of its own."""
    found = facts.get("cards")
    cards = [mapping_of(one) for one in found] if isinstance(found, list) else []
    if not cards:
        said = "All of them are decided; each has a card below."
        return Rendered(said, [context(said)])
    blocks = fold_blocks(cards)
    return Rendered(f"{len(cards)} alike wait for a decision", blocks)


def fold_blocks(
    cards: Sequence[Mapping[str, object]], *, most_signs: int = MOST_SIGNS
) -> list[Block]:
    """
    Say once what they have in common, and each target whole, cut where it must.

    ``most_signs`` is what is left of a message for it.
    """
    made = [_blocks(cards, most) for most in _WORDS]
    fitting = (one for one in made if signs_of(one) <= most_signs)
    return next(fitting, made[-1])


def signs_of(blocks: Sequence[Block]) -> int:
    """Count blocks as Slack does."""
    return len(json.dumps(list(blocks), ensure_ascii=False))


def _blocks(cards: Sequence[Mapping[str, object]], most: int) -> list[Block]:
    first = cards[0]
    values = [button_value(one["proposal_id"], one["digest"]) for one in cards]
    where = clean(first.get("environment") or "")
    title = (
        f"*{len(cards)} alike*{f' in {where}' if where else ''} but for their target"
    )
    return [
        section(f"{title}, one decision each"),
        *_targets(cards, most),
        context(*_needed(cards)),
        {
            "type": "actions",
            "block_id": f"fold:{first['proposal_id']}",
            "elements": [
                {
                    "type": "checkboxes",
                    "action_id": TARGETS,
                    "options": [
                        {"text": plain_text(_label(at, one), most=75), "value": value}
                        for at, (one, value) in enumerate(
                            zip(cards, values, strict=True), 1
                        )
                    ],
                }
            ],
        },
        {
            "type": "actions",
            "block_id": f"folded:{first['proposal_id']}",
            "elements": [
                _button("Approve chosen", APPROVE, values, style="primary"),
                _button("Reject chosen", REJECT, values, style="danger"),
                _button("Each whole", EACH, values),
                *_evidence(cards, values),
            ],
        },
    ]


def _needed(cards: Sequence[Mapping[str, object]]) -> list[str]:
    """Say who may decide: once, or of each where a vote or a rule sets them apart."""
    said = [needs(one) for one in cards]
    if all(one == said[0] for one in said):
        return said[:1]
    return [f"{at}. {one}" for at, one in enumerate(said, 1)]


def read_chosen(body: Mapping[str, object], shown: Sequence[str]) -> list[str]:
    """Give which of those shown are set, in whatever block of the message."""
    values = mapping_of(mapping_of(body.get("state")).get("values"))
    found: list[str] = []
    for block in values.values():
        chosen = mapping_of(mapping_of(block).get(TARGETS)).get("selected_options")
        if isinstance(chosen, list):
            found += [str(mapping_of(one).get("value")) for one in chosen]
    return [one for one in shown if one in found]


def _targets(cards: Sequence[Mapping[str, object]], most: int) -> list[Block]:
    """Say each target whole, and once what is claimed where it is the same of all."""
    lines = [section(f"{at}. {_line(one, most)}") for at, one in enumerate(cards, 1)]
    claims = [claims_of(one, risk=False, most=most * 2) for one in cards]
    shared = all(one == claims[0] for one in claims)
    if shared:
        told = [[line] for line in lines]
        last = [claims_of(cards[0], risk=False)]
    elif most > _WORDS[-1]:
        told = [[line, claim] for line, claim in zip(lines, claims, strict=True)]
        last = []
    else:
        told = [[line] for line in lines]
        last = [context("What is claimed of each differs; Each whole shows it.")]
    return [*(block for blocks in told for block in blocks), *last]


def _line(card: Mapping[str, object], most: int) -> str:
    estimate = mapping_of(card.get("estimate"))
    before, after, reach, cost = (
        clean_line(estimate.get(name, "?"), most=most)
        for name in ("before", "after", "text", "cost")
    )
    title = bold(title_of(card), most=most)
    return (
        f"{title} · {say_risk(card)}\n"
        f"{before} → *{after.replace('*', '')}* · reaches {reach}\n"
        f"cost: {cost} · {say_undo(card, most=most)}\n{say_factors(card)}"
    )


def _evidence(
    cards: Sequence[Mapping[str, object]], values: Sequence[str]
) -> list[Mapping[str, object]]:
    """Open what any of them cites, in one view."""
    if not any(texts_of(one.get("evidence_ids")) for one in cards):
        return []
    return [_button("Evidence", EVIDENCE, values)]


def _label(at: int, card: Mapping[str, object]) -> str:
    """Give words for a label, which takes no markup."""
    words = visible(" ".join(title_of(card).split()), most=70)
    return f"{at}. {words.replace('<', '').replace('>', '')}"


def _button(
    text: str, action: str, values: Sequence[str], *, style: str = ""
) -> Mapping[str, object]:
    made = {
        "type": "button",
        "action_id": action,
        "text": plain_text(text, most=75),
        "value": " ".join(values),
    }
    return made | ({"style": style} if style else {})
