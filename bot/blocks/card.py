"""The proposal card: what will run, from typed params; claims marked as such."""

import re
from collections.abc import Mapping, Sequence

from bot.blocks.grant import say_on_card
from bot.blocks.root import Rendered, mention
from bot.blocks.text import (
    Block,
    bold,
    clean,
    clock,
    context,
    mapping_of,
    plain_text,
    section,
    span,
    texts_of,
)
from policy.risk import risk_word

APPROVE = "proposal:approve"
EDIT = "proposal:edit"
REJECT = "proposal:reject"
GRANT = "proposal:grant"
WITHDRAW = "grant:withdraw"
UNDO = "proposal:undo"
CARRIED_OUT = "proposal:carried_out"
TOOK_EFFECT = "proposal:took_effect"
NO_EFFECT = "proposal:no_effect"
REVEAL = "proposal:reveal"
WHY = "proposal:why"
EVIDENCE = "proposal:evidence"

# What a person may say of the world, by the state in which it is asked.
_WORDS: Mapping[str, Sequence[tuple[str, str, str | None]]] = {
    "drafted": (("Mark done", CARRIED_OUT, "primary"), ("Reject", REJECT, "danger")),
    "outcome_unknown": (
        ("It took effect", TOOK_EFFECT, None),
        ("It did not", NO_EFFECT, None),
    ),
}
# A value that policy may let its reader see; secrets and cards are gone for good.
_PLACEHOLDER = re.compile(r"⟨[a-z_]{1,20}:[0-9b-z]{1,9}⟩")
_WAITING = frozenset({"needs_approval", "drafted"})
_UNDO_LIVES = frozenset(
    {"needs_approval", "drafted", "approved", "executing", "verifying"}
)
# Below this a person has decided, and not read (field: approval fatigue).
HASTY_SECONDS = 3.0


def render_card(facts: Mapping[str, object]) -> Rendered:
    """The card as it stands; buttons only while it can be decided."""
    title = title_of(facts)
    state = str(facts["state"])
    blocks = card_text(facts)
    if state == "needs_approval":
        blocks.append(_buttons(facts))
    else:
        blocks.append(section(_standing(facts)))
        if state == "drafted":
            blocks.append(context(_needs_hand(facts)))
        blocks += _afterwards(facts)
    if _PLACEHOLDER.search(" ".join(_texts_in(blocks))):
        blocks.append(_actions(facts, "reveal", [("Show values", REVEAL, None)]))
    return Rendered(f"{clean(title)}: {state.replace('_', ' ')}", blocks)


def card_text(facts: Mapping[str, object]) -> list[Block]:
    """Say what would run and why, and what an open one needs; without any button."""
    blocks = [section(_what(facts, title_of(facts))), *_claims(facts)]
    diff = mapping_of(facts.get("diff"))
    if diff and facts.get("edited_by"):
        blocks.append(context(_edited(facts, diff)))
    if facts["state"] == "needs_approval":
        blocks.append(context(needs(facts), _offered(facts), _asked_anew(facts)))
    return blocks


def render_reminder(facts: Mapping[str, object]) -> Rendered:
    """Say that a card still waits, and for whom."""
    title = title_of(facts)
    people = mention(facts.get("people"))
    state = str(facts["state"])
    waits = state in _WAITING
    anew = facts.get("asked_anew")
    says = "Now yours, too" if facts.get("escalated") else "Still waiting"
    says = "Asked once more" if anew else says
    mark = "⏰" if waits else "☑️"
    said = f"{mark} {says if waits else 'Decided'}: {bold(title)}"
    if people and waits:
        said += f" {people}"
    if anew:
        said += f"\n{clean(anew)}"
    if facts.get("paged"):
        said += f"\n📟 {clean(facts['paged'], most=300)}"
    below = {"needs_approval": needs, "drafted": _needs_hand}.get(state, _standing)
    return Rendered(f"{says}: {clean(title)}", [section(said), context(below(facts))])


def _texts_in(value: object) -> list[str]:
    """Give every text within blocks."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts_in(one)]
    return []


def title_of(facts: Mapping[str, object]) -> str:
    """Say what would be done: the tool's own line, made from the typed params alone."""
    title = mapping_of(facts.get("estimate")).get("title")
    if not title:
        params = mapping_of(facts["params"])
        listed = ", ".join(f"{key} {value}" for key, value in params.items())
        title = f"{facts['tool']}: {listed}"
    return f"{title} (undo)" if facts.get("undoes") else str(title)


def button_value(proposal_id: object, digest: object) -> str:
    """Bind a button to what it shows: the row's id and the digest of its content."""
    return f"{proposal_id}.{digest}"


def _what(facts: Mapping[str, object], title: str) -> str:
    estimate = mapping_of(facts.get("estimate"))
    undo = mapping_of(facts.get("undo"))
    risk = int(str(facts.get("risk") or 0))
    back = f"undo {clean(undo.get('text'))}" if undo else "can't be undone"
    if undo.get("expires_at"):
        back = f"{back} · reverts by itself {clock(undo['expires_at'])}"
    lines = [
        f"{bold(title)} · risk *{risk_word(risk)}* ({risk}/10)",
        (
            f"before  *{clean(estimate.get('before', '?'))}*   →   "
            f"after  *{clean(estimate.get('after', '?'))}*"
        ),
        f"reaches {clean(estimate.get('text', '?'))}",
        f"cost: {clean(estimate.get('cost', '?'))} · {back}",
    ]
    return "\n".join(lines)


def _claims(facts: Mapping[str, object]) -> list[Block]:
    because = str(facts.get("because") or facts.get("summary") or "")
    cited = len(texts_of(facts.get("evidence_ids")))
    parts = [f"because  {clean(because, most=600)}" if because else ""]
    notes = [f"{cited} piece{'s' if cited != 1 else ''} of evidence cited"]
    confidence = facts.get("confidence")
    if isinstance(confidence, int | float):
        notes.append(f"agent's confidence: its claim, {confidence:.1f}")
    uncited = texts_of(facts.get("uncited"))
    if uncited:
        notes.append(f"⚠️ *uncited*: {clean(', '.join(uncited))}")
    factors = " · ".join(clean(one) for one in texts_of(facts.get("risk_factors")))
    return [context(*parts, " · ".join(notes), f"risk: {factors}" if factors else "")]


def needs(facts: Mapping[str, object]) -> str:
    """Say who may decide an open card, how many of them, until when, by which rule."""
    votes = _approvals(facts)
    roles = (
        " or ".join(clean(role) for role in texts_of(facts.get("roles"))) or "nobody"
    )
    given = f" (has {len(votes)}: {', '.join(votes)})" if votes else ""
    seconds = int(str(facts.get("expires_in_seconds") or 0))
    expires = facts.get("expires_at")
    ends = f"expires {clock(expires)}" if expires else f"expires after {span(seconds)}"
    return (
        f"needs  *{facts['quorum']} of {roles}*{given}{_passed_on(facts)} · {ends} · "
        f"rule `{clean(facts['rule'])}` · reason `{clean(facts['reason_code'])}`"
    )


def _asked_anew(facts: Mapping[str, object]) -> str:
    """Say of a card that policy sent back since when and why it asks again."""
    if not facts.get("asked_at"):
        return ""
    reason = clean(facts.get("closed_reason") or "")
    return f"asked once more {clock(facts['asked_at'])}: {reason}"


def _offered(facts: Mapping[str, object]) -> str:
    """Say what the second button would allow, whole."""
    offer = mapping_of(facts.get("grant_offer"))
    if not offer:
        return ""
    return (
        f"the same: `{clean(facts['tool'])}` on {clean(offer['service'])}, at most "
        f"{offer['most']} times within {offer['minutes']} min, without asking"
    )


def _needs_hand(facts: Mapping[str, object]) -> str:
    """Say for whose hand a draft waits, and until when."""
    roles = " or ".join(map(clean, texts_of(facts.get("roles")))) or "nobody"
    expires = facts.get("expires_at")
    ends = f" · expires {clock(expires)}" if expires else ""
    return (
        f"waits for  *{roles}*{_passed_on(facts)} to carry it out, then Mark done{ends}"
    )


def _passed_on(facts: Mapping[str, object]) -> str:
    """Say to whom it went when nobody had answered."""
    if not facts.get("escalated_at"):
        return ""
    roles = " or ".join(map(clean, texts_of(facts.get("next_roles"))))
    return f", passed on to *{roles}* {clock(facts['escalated_at'])}"


def _buttons(facts: Mapping[str, object]) -> Block:
    wanted = [("Approve", APPROVE, "primary"), ("Edit", EDIT, None)]
    if facts.get("undoes"):
        wanted = wanted[:1]
    wanted += [("Reject", REJECT, "danger"), ("Why?", WHY, None)]
    if texts_of(facts.get("evidence_ids")):
        wanted.append(("Evidence", EVIDENCE, None))
    offer = mapping_of(facts.get("grant_offer"))
    if offer:
        words = f"Approve and allow the same for {offer['minutes']} min"
        wanted.append((words, GRANT, None))
    return _actions(facts, "decide", wanted)


def _actions(
    facts: Mapping[str, object],
    block: str,
    wanted: Sequence[tuple[str, str, str | None]],
) -> Block:
    """Make buttons that are bound to the row and to what it shows."""
    value = button_value(facts["proposal_id"], facts["digest"])
    elements = []
    for text, action, style in wanted:
        made: dict[str, object] = {
            "type": "button",
            "action_id": action,
            "text": plain_text(text, most=75),
            "value": value,
        }
        elements.append(made | ({"style": style} if style else {}))
    return {
        "type": "actions",
        "block_id": f"{block}:{facts['proposal_id']}",
        "elements": elements,
    }


def _afterwards(facts: Mapping[str, object]) -> list[Block]:
    """Say when it is taken back by itself, and offer what a person may do or say."""
    blocks: list[Block] = _granted(facts)
    late = mapping_of(facts.get("execution")).get("late")
    if late:
        blocks.append(context(f"⚠️ {clean(late, most=300)}"))
    reversion = mapping_of(facts.get("reversion"))
    if reversion:
        blocks.append(context(_say_reversion(reversion)))
    done = facts["state"] in {"succeeded", "failed", "outcome_unknown"}
    applied = mapping_of(facts.get("execution")).get("after")
    asked = mapping_of(facts.get("undone_by")).get("state")
    back = str(reversion.get("state")) in {"done", "skipped"}
    if asked in _UNDO_LIVES:
        blocks.append(context("An undo is proposed in this thread or one of its own."))
        return blocks
    wanted = list(_WORDS.get(str(facts["state"]), ()))
    restorable = facts.get("undo") and not (back or facts.get("undoes"))
    perhaps = facts["state"] == "outcome_unknown"
    if done and (applied or perhaps) and restorable:
        wanted.append(("Undo", UNDO, None))
    if wanted:
        blocks.append(_actions(facts, "after", wanted))
    return blocks


def _granted(facts: Mapping[str, object]) -> list[Block]:
    """Say what was granted with it, or by which grant it ran; both can be withdrawn."""
    grant = mapping_of(facts.get("grant"))
    if not grant:
        return []
    blocks = [context(say_on_card(grant))]
    if grant.get("given_here") and not grant.get("withdrawn_by"):
        blocks.append(
            {
                "type": "actions",
                "block_id": f"grant:{facts['proposal_id']}",
                "elements": [
                    {
                        "type": "button",
                        "action_id": WITHDRAW,
                        "text": plain_text("Withdraw the grant", most=75),
                        "value": button_value(facts["proposal_id"], grant["id"]),
                    }
                ],
            }
        )
    return blocks


def _say_reversion(reversion: Mapping[str, object]) -> str:
    at = clock(reversion.get("due_at"))
    reason = clean(reversion.get("reason") or "", most=200)
    said = {
        "scheduled": f"⏳ Reverts by itself {at}{': ' + reason if reason else ''}",
        "running": "⏳ Being reverted…",
        "applied": "⏳ Reverted, verifying…",
        "done": f"↩️ Reverted by itself {at}: {reason}",
        "skipped": f"✋ Not reverted: {reason}",
        "cancelled": f"↩️ Its reversion is off: {reason}",
        "failed": f"✖️ Not reverted, a person has to: {reason}",
    }
    state = str(reversion.get("state"))
    return said.get(state, state)


def _standing(facts: Mapping[str, object]) -> str:
    """Say where a decided card stands, who decided and why."""
    state = str(facts["state"])
    who = ", ".join(_approvals(facts)) or "policy"
    by = clean(facts.get("closed_by") or "autopilot")
    reason = clean(facts.get("closed_reason") or "", most=300)
    run = mapping_of(facts.get("execution"))
    said = {
        "approved": f"✔️ Approved by *{who}* · starting…",
        "executing": f"✔️ Approved by *{who}* · running…",
        "verifying": f"✔️ Approved by *{who}* · done, verifying…",
        "succeeded": _succeeded(run, who),
        "failed": f"✖️ Failed: {reason}",
        "outcome_unknown": (
            f"❓ Outcome unknown: {reason}. Look at the system itself, then say here "
            "what you found."
        ),
        "rejected": f"✖️ Rejected by *{by}*: {reason}",
        "expired": f"⌛ Expired: {reason}",
        "superseded": f"↪️ Replaced: {reason}. Decide on the newer card.",
        "withdrawn": f"↩️ Withdrawn: {reason}",
        "denied": f"⛔ Policy refused it: {reason}",
        "drafted": "✍️ A draft: policy lets a person carry it out, not the autopilot.",
        "carried_out": f"✔️ Carried out by *{by}*",
        "undone": f"↩️ Undone by *{by}*",
    }
    return said.get(state, state)


def _succeeded(run: Mapping[str, object], who: str) -> str:
    checked = mapping_of(run.get("verification"))
    text = clean(checked.get("text") or "")
    if checked.get("attested_by"):
        return f"✅ It took effect, says *{clean(checked['attested_by'])}* · {text}"
    return f"✅ Done and verified: *{text}* · approved by *{who}*"


def _edited(facts: Mapping[str, object], diff: Mapping[str, object]) -> str:
    changes = ", ".join(
        f"{clean(name)} {clean(mapping_of(change).get('before'))} → "
        f"{clean(mapping_of(change).get('after'))}"
        for name, change in diff.items()
    )
    return f"edited by *{clean(facts['edited_by'])}*: {changes}"


def _approvals(facts: Mapping[str, object]) -> Sequence[str]:
    votes = facts.get("votes")
    if not isinstance(votes, list):
        return []
    return [
        clean(mapping_of(vote).get("person")) + _haste(mapping_of(vote))
        for vote in votes
        if mapping_of(vote).get("verdict") == "approve"
    ]


def _haste(vote: Mapping[str, object]) -> str:
    """Say it of a vote that nobody can have read the card for, as far as is known."""
    said = ""
    after = vote.get("after_seconds")
    if isinstance(after, int | float) and after < HASTY_SECONDS:
        said = f" ⚡ {after:.0f} s after it was shown"
    if vote.get("evidence_opened") is False:
        said += " · evidence not opened"
    return said + (" · by habit, so one more is needed" if vote.get("worn") else "")
