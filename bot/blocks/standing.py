"""How a decided card stands: who decided, when and why, and what may follow."""

from collections.abc import Mapping, Sequence

from bot.blocks.card_actions import (
    CARRIED_OUT,
    EVIDENCE,
    NO_EFFECT,
    REJECT,
    TOOK_EFFECT,
    UNDO,
    WITHDRAW,
    actions,
    button_value,
)
from bot.blocks.grant import say_on_card
from bot.blocks.text import (
    Block,
    claim,
    clean,
    context,
    instant,
    mapping_of,
    moment,
    plain_text,
    texts_of,
)

# What a person may say of the world, by the state in which it is asked.
_WORDS: Mapping[str, Sequence[tuple[str, str, str | None]]] = {
    "drafted": (("Mark done", CARRIED_OUT, "primary"), ("Reject", REJECT, "danger")),
    "outcome_unknown": (
        ("It took effect", TOOK_EFFECT, None),
        ("It did not", NO_EFFECT, None),
    ),
}
_UNDO_LIVES = frozenset(
    {"needs_approval", "drafted", "approved", "executing", "verifying"}
)
# Below this a person has decided, and not read (field: approval fatigue).
HASTY_SECONDS = 3.0


def say_standing(facts: Mapping[str, object]) -> str:
    """Say where a decided card stands, who decided and why."""
    state = str(facts["state"])
    who = ", ".join(approvals(facts, timed=True)) or "*policy*"
    moved = facts.get("moved_at")
    at = f" {instant(moved)}" if moved else ""
    by = f"*{clean(facts.get('closed_by') or 'autopilot')}*{at}"
    reason = claim(facts.get("closed_reason") or "", most=300)
    run = mapping_of(facts.get("execution"))
    said = {
        "approved": f"✔️ Approved by {who} · starting…",
        "executing": f"✔️ Approved by {who} · running…",
        "verifying": f"✔️ Approved by {who} · done, verifying…",
        "succeeded": _succeeded(run, who, at),
        "failed": f"✖️ Failed{at} · approved by {who} · {reason}",
        "outcome_unknown": (
            f"❓ Outcome unknown: {reason}. Look at the system itself, then say here "
            "what you found."
        ),
        "rejected": f"✖️ Rejected by {by}: {reason}",
        "expired": f"⌛ Expired{at}: {reason}",
        "superseded": f"↪️ Replaced{at}: {reason}. Decide on the newer card.",
        "withdrawn": f"↩️ Withdrawn{at}: {reason}",
        "denied": f"⛔ Policy refused it: {reason}",
        "drafted": "✍️ A draft: policy lets a person carry it out, not the autopilot.",
        "carried_out": f"✔️ Carried out by {by}{_note(reason)}",
        "undone": f"↩️ Undone by {by}",
    }
    return said.get(state, state)


def _note(reason: str) -> str:
    """Give what a person added: ``Ann carried it out: replaced the disk``."""
    _, _, note = reason.partition(": ")
    return f": {note}" if note else ""


def _succeeded(run: Mapping[str, object], who: str, at: str) -> str:
    checked = mapping_of(run.get("verification"))
    text = claim(checked.get("text") or "")
    if checked.get("attested_by"):
        says = f"*{clean(checked['attested_by'])}*{at}"
        return f"✅ It took effect, says {says} · {text}"
    return f"✅ Done and verified{at} · approved by {who} · *{text}*"


def say_why(facts: Mapping[str, object]) -> list[Block]:
    """Say in their own words why those approved who gave a reason."""
    votes = facts.get("votes")
    said = [
        f"*{clean(vote.get('person'))}*: {clean(vote['comment'], most=300)}"
        for vote in map(mapping_of, votes if isinstance(votes, list) else [])
        if vote.get("verdict") == "approve" and vote.get("comment")
    ]
    return [context(*said)] if said else []


def afterwards(facts: Mapping[str, object]) -> list[Block]:
    """Say when it is taken back by itself, and offer what a person may do or say."""
    blocks: list[Block] = [*say_why(facts), *_granted(facts)]
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
    unclear = asked == "outcome_unknown"
    if unclear:
        said = "What became of its undo is unknown: say on its card what you found."
        blocks.append(context(said))
    wanted = list(_WORDS.get(str(facts["state"]), ()))
    page = mapping_of(facts.get("estimate")).get("admin_page") if wanted else None
    restorable = facts.get("undo") and not (back or facts.get("undoes"))
    perhaps = facts["state"] == "outcome_unknown"
    if done and (applied or perhaps) and restorable and not unclear:
        wanted.append(("Undo", UNDO, None))
    if str(facts["state"]) in _WORDS and texts_of(facts.get("evidence_ids")):
        wanted.append(("Evidence", EVIDENCE, None))
    if wanted:
        blocks.append(actions(facts, "after", wanted, page=str(page or "")))
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
    at = moment(reversion.get("due_at"))
    reason = clean(reversion.get("reason") or "", most=200)
    said = {
        "scheduled": f"⏳ Reverts by itself {at}{': ' + reason if reason else ''}",
        "running": "⏳ Being reverted…",
        "applied": "⏳ Reverted, verifying…",
        "done": f"↩️ Reverted by itself {at}: {reason}",
        "skipped": f"✋ Left alone: {reason}",
        "cancelled": f"↩️ Its reversion is off: {reason}",
        "failed": f"✖️ Not reverted, a person has to: {reason}",
    }
    state = str(reversion.get("state"))
    return said.get(state, state)


def approvals(facts: Mapping[str, object], *, timed: bool = False) -> Sequence[str]:
    """Name who has approved, and how their votes came about; ``timed``: when, too."""
    votes = facts.get("votes")
    if not isinstance(votes, list):
        return []
    return [
        f"*{clean(vote.get('person'))}*{_when(vote) if timed else ''}{_haste(vote)}"
        for vote in map(mapping_of, votes)
        if vote.get("verdict") == "approve"
    ]


def _when(vote: Mapping[str, object]) -> str:
    at = vote.get("created_at")
    return f" {instant(at)}" if at else ""


def _haste(vote: Mapping[str, object]) -> str:
    """Say it of a vote that nobody can have read the card for, as far as is known."""
    said = ""
    after = vote.get("after_seconds")
    if isinstance(after, int | float) and after < HASTY_SECONDS:
        # Cut, not rounded: less than three seconds never reads as three.
        said = f" ⚡ {int(after * 10) / 10} s after it was shown"
    if vote.get("evidence_opened") is False:
        said += " · evidence not opened"
    return said + (" · by habit, so one more is needed" if vote.get("worn") else "")
