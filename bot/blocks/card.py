"""The proposal card: what will run, from typed params; claims marked as such."""

import re
from collections.abc import Mapping
from textwrap import wrap

from bot.blocks.card_actions import (
    APPROVE,
    EDIT,
    EVIDENCE,
    GRANT,
    REJECT,
    REVEAL,
    WHY,
    actions,
)
from bot.blocks.difference import apart
from bot.blocks.permalink import linked
from bot.blocks.root import Rendered, mention
from bot.blocks.standing import afterwards, approvals, say_standing
from bot.blocks.text import (
    MOST_SIGNS,
    Block,
    bold,
    claim,
    clean,
    context,
    exact,
    mapping_of,
    moment,
    section,
    sections,
    span,
    texts_of,
    visible,
    written,
)
from bot.blocks.what import is_said_whole, say_what, title_of
from bot.outbound.fit import signs_of
from bot.outbound.shrink import Shown, shrink

# A value that policy may let its reader see; secrets and cards are gone for good.
_PLACEHOLDER = re.compile(r"⟨[a-z_]{1,20}:[0-9b-z-]{1,13}⟩")
# Of a text that people would read, as it is escaped; what a tool takes is shorter.
_MOST_PROSE = 6000
# A line that is longer is broken into such that fit, each character escaped to five.
_MOST_QUOTED, _MOST_LINE = 2500, 500
# Of a modal, which takes more: whatever a tool takes, each sign escaped to five.
MOST_PROSE_IN_VIEW = 40_000
_TOO_LONG = (
    "⚠️ It is longer than a message: *Decide* on the app's Home shows more of it, and"
    " `autopilot approve` in a terminal all."
)
# Of each side of an edited field.
_MOST_EDITED = 250
_MOST_CITED = 4
_WAITING = frozenset({"needs_approval", "drafted"})
# What ended undecided, as its card says it.
_ENDED = {
    "expired": ("⌛", "Expired"),
    "superseded": ("↪️", "Replaced"),
    "withdrawn": ("↩️", "Withdrawn"),
    "denied": ("⛔", "Refused by policy"),
}


def render_card(facts: Mapping[str, object]) -> Rendered:
    """
    The card as it stands; buttons only while it can be decided.

    Approve is among them only if nothing gave way: else Home shows it all.
    """
    is_whole = not is_cut(facts)
    blocks = _blocks(facts, is_whole=is_whole)
    if _fit(blocks) and is_whole:
        blocks = _blocks(facts, is_whole=False)
        _fit(blocks)
    said = str(facts["state"]).replace("_", " ")
    return Rendered(f"{clean(title_of(facts))}: {said}", blocks)


def _blocks(facts: Mapping[str, object], *, is_whole: bool) -> list[Block]:
    state = str(facts["state"])
    blocks = card_text(facts)
    if state == "needs_approval":
        if not is_whole:
            blocks.append(context(_TOO_LONG))
        elif _offer(facts):
            blocks.append(context(_offered(facts)))
        blocks.append(_buttons(facts, is_whole=is_whole))
    else:
        blocks.append(section(say_standing(facts)))
        if state == "drafted":
            blocks.append(context(_needs_hand(facts)))
        blocks += afterwards(facts)
    if _PLACEHOLDER.search(" ".join(_texts_in(blocks))):
        blocks.append(actions(facts, "reveal", [("Show values", REVEAL, None)]))
    return blocks


def card_text(
    facts: Mapping[str, object], *, most_prose: int = _MOST_PROSE
) -> list[Block]:
    """
    Say what would run and why, and what an open one needs; without any button.

    A text for people takes ``most_prose`` escaped signs at most.
    """
    blocks = say_what(facts, title_of(facts))
    for name, text in mapping_of(facts.get("prose")).items():
        blocks += prose_of(name, text, most=most_prose)
    blocks.append(claims_of(facts))
    diff = mapping_of(facts.get("diff"))
    if diff and facts.get("edited_by"):
        blocks.append(context(_edited(facts, diff)))
    if facts["state"] == "needs_approval":
        blocks.append(context(needs(facts), _asked_anew(facts)))
    return blocks


def _fit(blocks: list[Block]) -> bool:
    """
    Have notes give way in place, then prose; what would run is said to the last.

    True if anything did.
    """
    before = signs_of(blocks)
    shown: list[Shown] = []
    for block in blocks:
        elements = block.get("elements") if block["type"] == "context" else None
        rank = 0 if elements else 1 if _is_prose(block) else 2
        parts = elements if isinstance(elements, list) else [block.get("text")]
        shown += [
            Shown(part, "text", part["text"], rank, mrkdwn=True)
            for part in parts
            if isinstance(part, dict)
        ]
    shrink(shown, lambda: signs_of(blocks), MOST_SIGNS)
    return signs_of(blocks) < before


def _is_prose(block: Block) -> bool:
    text = str(mapping_of(block.get("text")).get("text"))
    return any(line.startswith("&gt; ") for line in text.split("\n"))


def render_reminder(facts: Mapping[str, object]) -> Rendered:
    """Say that a card still waits, and for whom."""
    title = title_of(facts)
    people = mention(facts.get("people"))
    state = str(facts["state"])
    waits = state in _WAITING
    anew = facts.get("asked_anew")
    says = "Now yours, too" if facts.get("escalated") else "Still waiting"
    says = "Asked once more" if anew else says
    mark, says = ("⏰", says) if waits else _ENDED.get(state, ("☑️", "Decided"))
    said = f"{mark} {says}: {bold(title)}"
    if people and waits:
        said += f" {people}"
    if facts.get("owner") and waits:
        said += f" · owner {clean(facts['owner'])}"
    if anew:
        said += f"\n{clean(anew)}"
    if facts.get("paged"):
        said += f"\n📟 {clean(facts['paged'], most=300)}"
    text = f"{says}: {clean(title)}"
    if not waits:
        # How it stands is its card's to say.
        return Rendered(text, [section(said)])
    below = _needs_hand if state == "drafted" else needs
    return Rendered(text, [section(said), context(below(facts))])


def _texts_in(value: object) -> list[str]:
    """Give every text within blocks."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts_in(one)]
    return []


def is_cut(facts: Mapping[str, object], *, most_prose: int = _MOST_PROSE) -> bool:
    """Tell a card on which not all that would run or be told would stand."""
    if not is_said_whole(facts):
        return True
    for name, text in mapping_of(facts.get("prose")).items():
        last = prose_of(name, text, most=most_prose)[-1]
        said = str(mapping_of(last.get("text")).get("text"))
        # What is foreign is quoted in each line: this one is ours.
        if len(str(text)) > most_prose or said.rsplit("\n", maxsplit=1)[-1].startswith(
            "… "
        ):
            return True
    return False


def prose_of(title: str, text: object, *, most: int = _MOST_PROSE) -> list[Block]:
    """Show a text that would be written for people whole, and apart from our words."""
    lines = [f"{clean(title)}:"]
    room = most
    whole = visible(text, most=most).split("\n")
    for at, line in enumerate(whole):
        for part in _parts(line):
            quoted = f"&gt; {exact(part, most=_MOST_PROSE)}"
            room -= len(quoted)
            if room < 0:
                left = sum(map(len, whole[at:])) - line.find(part)
                lines.append(f"… {left} signs more: `autopilot audit case` has them")
                return sections(lines)
            lines.append(quoted)
    return sections(lines)


def _parts(line: str) -> list[str]:
    """Break a line that no section holds, between its words if it has any."""
    if len(exact(line, most=_MOST_PROSE)) <= _MOST_QUOTED:
        return [line]
    return wrap(line, _MOST_LINE, break_on_hyphens=False)


def claims_of(
    facts: Mapping[str, object], *, risk: bool = True, most: int = 600
) -> Block:
    """Say what the agent claims, what it cites for it, and what the risk is made of."""
    because = str(facts.get("because") or facts.get("summary") or "")
    says = "because" if facts.get("undoes") else "because, the agent claims:"
    parts = [f"{says}  {claim(because, most=most)}" if because else ""]
    notes = [_cites(facts)]
    confidence = facts.get("confidence")
    if isinstance(confidence, int | float):
        notes.append(f"agent's confidence: its claim, {confidence:.1f}")
    uncited = texts_of(facts.get("uncited"))
    if uncited:
        notes.append(f"⚠️ *uncited*: {claim(', '.join(uncited), most=most)}")
    factors = say_factors(facts) if risk else ""
    return context(*parts, " · ".join(notes), factors)


def _cites(facts: Mapping[str, object]) -> str:
    """Name what is cited as its thread numbers it, and lead there."""
    count = len(texts_of(facts.get("evidence_ids")))
    found = facts.get("cited")
    rows = [mapping_of(one) for one in found] if isinstance(found, list) else []
    if not rows:
        return f"{count} piece{'s' if count != 1 else ''} of evidence cited"
    named = ", ".join(_piece(one) for one in rows[:_MOST_CITED])
    more = f" and {len(rows) - _MOST_CITED} more" if len(rows) > _MOST_CITED else ""
    return f"cites {linked(named, str(facts.get('evidence_at') or ''))}{more}"


def _piece(one: Mapping[str, object]) -> str:
    name = str(one.get("tool") or "").removeprefix("get_").replace("_", " ")
    return f"E{one['number']} {name}" if one.get("number") else name


def say_factors(facts: Mapping[str, object]) -> str:
    """Say each part of the risk; "" where none is known."""
    factors = " · ".join(clean(one) for one in texts_of(facts.get("risk_factors")))
    return f"risk: {factors}" if factors else ""


def needs(facts: Mapping[str, object]) -> str:
    """Say who may decide an open card, how many of them, until when, by which rule."""
    votes = approvals(facts)
    roles = (
        " or ".join(clean(role) for role in texts_of(facts.get("roles"))) or "nobody"
    )
    given = f" (has {len(votes)}: {', '.join(votes)})" if votes else ""
    seconds = int(str(facts.get("expires_in_seconds") or 0))
    expires = facts.get("expires_at")
    ends = f"expires {moment(expires)}" if expires else f"expires after {span(seconds)}"
    return (
        f"needs  *{facts['quorum']} of {roles}*{given}{_passed_on(facts)} · {ends} · "
        f"rule `{clean(facts['rule'])}` · reason `{clean(facts['reason_code'])}`"
    )


def _asked_anew(facts: Mapping[str, object]) -> str:
    """Say of a card that policy sent back since when and why it asks again."""
    if not facts.get("asked_at"):
        return ""
    reason = clean(facts.get("closed_reason") or "")
    return f"asked once more {moment(facts['asked_at'])}: {reason}"


def _offer(facts: Mapping[str, object]) -> Mapping[str, object]:
    """Give what an approval may grant beside: nothing where it is not the last one."""
    alone = facts["quorum"] == 1
    return mapping_of(facts.get("grant_offer")) if alone else {}


def _offered(facts: Mapping[str, object]) -> str:
    """Say what the second button would allow, whole."""
    offer = _offer(facts)
    return (
        f"the same: `{clean(facts['tool'])}` on {clean(offer['service'])} at risk "
        f"{offer.get('most_risk') or facts.get('risk')} or less, at most "
        f"{offer['most']} times within {offer['minutes']} min, without asking"
    )


def _needs_hand(facts: Mapping[str, object]) -> str:
    """Say for whose hand a draft waits, and until when."""
    roles = " or ".join(map(clean, texts_of(facts.get("roles")))) or "nobody"
    expires = facts.get("expires_at")
    ends = f" · expires {moment(expires)}" if expires else ""
    return (
        f"waits for  *{roles}*{_passed_on(facts)} to carry it out, then Mark done{ends}"
    )


def _passed_on(facts: Mapping[str, object]) -> str:
    """Say to whom it went when nobody had answered."""
    if not facts.get("escalated_at"):
        return ""
    roles = " or ".join(map(clean, texts_of(facts.get("next_roles"))))
    return f", passed on to *{roles}* {moment(facts['escalated_at'])}"


def _buttons(facts: Mapping[str, object], *, is_whole: bool) -> Block:
    wanted = [("Approve", APPROVE, "primary"), ("Edit", EDIT, None)]
    if facts.get("undoes"):
        wanted = wanted[:1]
    if not is_whole:
        wanted = wanted[1:]
    wanted += [("Reject", REJECT, "danger"), ("Why?", WHY, None)]
    if texts_of(facts.get("evidence_ids")):
        wanted.append(("Evidence", EVIDENCE, None))
    offer = _offer(facts)
    if offer and is_whole:
        words = f"Approve and allow for {offer['minutes']} min"
        wanted.append((words, GRANT, None))
    return actions(facts, "decide", wanted)


def _edited(facts: Mapping[str, object], diff: Mapping[str, object]) -> str:
    changes = ", ".join(_change(name, mapping_of(one)) for name, one in diff.items())
    return f"edited by *{clean(facts['edited_by'])}*: {changes}"


def _change(name: str, change: Mapping[str, object]) -> str:
    sides = [" ".join(str(change.get(one)).split()) for one in ("before", "after")]
    before, after = apart(sides[0], sides[1], most=_MOST_EDITED)
    return (
        f"{clean(name)} {written(before, most=_MOST_EDITED)} → "
        f"{written(after, most=_MOST_EDITED)}"
    )
