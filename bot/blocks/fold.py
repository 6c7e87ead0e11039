"""One card for several that differ in their target alone, with a toggle for each."""

from collections.abc import Mapping, Sequence

from bot.blocks.card import claims_of, needs, prose_of, say_factors
from bot.blocks.card_actions import EVIDENCE, button_value
from bot.blocks.root import Rendered
from bot.blocks.text import (
    MOST_SIGNS,
    Block,
    bold,
    clean,
    context,
    exact,
    mapping_of,
    plain_text,
    section,
    sections,
    texts_of,
    visible,
)
from bot.blocks.what import say_risk, say_undo, title_of
from bot.outbound.fit import signs_of

TARGETS = "fold:targets"
APPROVE, REJECT, EACH = "fold:approve", "fold:reject", "fold:each"
# So much is claimed in each place, or less where all would fit into no message.
_WORDS = (80, 50, 30, 20, 10)
# What would run is whole or not approved here; of a text for people this much.
_MOST_SAID, _MOST_PROSE, _MOST_LINE = 300, 2000, 2800
# A card's own text for people has 6,000 escaped signs, and five before each line.
_MOST_ESCAPED, _QUOTED = 5000, 6
_MOST_BLOCKS = 50  # slack_sdk, Message


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
    Say once what they have in common, and each target whole; claims are cut.

    ``most_signs`` is what is left of a message for it. Where what would run has no room
    there, they are only named, and approved where each is shown.
    """
    if not all(map(_is_told_whole, cards)):
        return _named(cards)
    made = (_blocks(cards, most) for most in _WORDS)
    fitting = (
        one for one in made if signs_of(one) <= most_signs and len(one) <= _MOST_BLOCKS
    )
    return next(fitting, None) or _named(cards)


def _is_told_whole(card: Mapping[str, object]) -> bool:
    """Tell a card of which a line says all that would run."""
    estimate = mapping_of(card.get("estimate"))
    said = [
        title_of(card),
        *(estimate.get(one, "") for one in ("before", "after", "text", "cost")),
        mapping_of(card.get("undo")).get("text", ""),
    ]
    prose = mapping_of(card.get("prose")).values()
    # As it is escaped; each line is quoted by itself.
    signs = [
        len(exact(one, most=_MOST_PROSE)) + _QUOTED * str(one).count("\n")
        for one in prose
    ]
    return (
        all(len(str(one)) <= _MOST_SAID for one in said)
        and all(len(str(one)) < _MOST_PROSE for one in prose)
        and all(one <= _MOST_ESCAPED for one in signs)
        and len(_line(card)) <= _MOST_LINE
    )


def _blocks(cards: Sequence[Mapping[str, object]], most: int) -> list[Block]:
    first, values = cards[0], _values(cards)
    return [
        section(f"{_title(cards)}, one decision each"),
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


def _title(cards: Sequence[Mapping[str, object]]) -> str:
    where = clean(cards[0].get("environment") or "")
    place = f" in {where}" if where else ""
    if len(cards) == 1:
        return f"*One of those alike is left*{place}"
    return f"*{len(cards)} alike*{place} but for their target"


def _values(cards: Sequence[Mapping[str, object]]) -> list[str]:
    return [button_value(one["proposal_id"], one["digest"]) for one in cards]


def _named(cards: Sequence[Mapping[str, object]]) -> list[Block]:
    """Name each; nobody approves here what is not shown here."""
    values = _values(cards)
    named = [
        f"{at}. {bold(title_of(one), most=_WORDS[0])} · {say_risk(one)}"
        for at, one in enumerate(cards, 1)
    ]
    return [
        section(f"{_title(cards)}, too long for one card"),
        *sections(named),
        context("Each whole shows them one by one, to decide on there."),
        {
            "type": "actions",
            "block_id": f"folded:{cards[0]['proposal_id']}",
            "elements": [_button("Each whole", EACH, values, style="primary")],
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
    """Say each target whole, and once what is the same of all: claims, a text."""
    lines = [section(f"{at}. {_line(one)}") for at, one in enumerate(cards, 1)]
    prose = [_prose(one) for one in cards]
    common = prose[0] if all(one == prose[0] for one in prose) else []
    told = [
        [line] if common else [line, *own]
        for line, own in zip(lines, prose, strict=True)
    ]
    claims = [claims_of(one, risk=False, most=most * 2) for one in cards]
    if all(_claimed(one) == _claimed(cards[0]) for one in cards):
        last = [claims_of(cards[0], risk=False)]
    elif most > _WORDS[-1]:
        told = [[*own, claim] for own, claim in zip(told, claims, strict=True)]
        last = []
    else:
        last = [context("What is claimed of each differs; Each whole shows it.")]
    return [*(block for blocks in told for block in blocks), *common, *last]


def _prose(card: Mapping[str, object]) -> list[Block]:
    """Give the texts that people would read, each whole."""
    texts = mapping_of(card.get("prose")).items()
    return [block for name, text in texts for block in prose_of(name, text)]


def _claimed(card: Mapping[str, object]) -> list[object]:
    """Give all that is claimed of a card, uncut: what differs late differs, too."""
    names = ("confidence", "evidence_ids", "cited", "uncited")
    said = card.get("because") or card.get("summary")
    return [said, *(card.get(name) for name in names)]


def _line(card: Mapping[str, object]) -> str:
    estimate = mapping_of(card.get("estimate"))
    before, after, reach, cost = (
        clean(estimate.get(name, "?"), most=_MOST_SAID)
        for name in ("before", "after", "text", "cost")
    )
    title = bold(title_of(card), most=_MOST_SAID)
    return (
        f"{title} · {say_risk(card)}\n"
        f"{before} → *{after.replace('*', '')}* · reaches {reach}\n"
        f"cost: {cost} · {say_undo(card, most=_MOST_SAID)}\n{say_factors(card)}"
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
