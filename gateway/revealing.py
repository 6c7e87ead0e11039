"""
What stands behind a card's placeholders, for one person's eyes.

Policy says by role who may see personal values. They leave the gateway sealed for the
courier, which opens them as it whispers them: no row holds them in the clear. The
ledger keeps who saw which placeholders, and never a value.
"""

import json

from cryptography.fernet import Fernet

from gateway.gate import Gate
from gateway.redaction.placeholder import FORM, WHOLE
from gateway.veil import values_of
from policy.event import Event
from policy.person import Person
from storage import ledger
from storage.canonical import plain
from storage.database import Tx
from storage.proposals import Proposal

# As many, and as long, as one whisper holds whole.
_MOST, _LONGEST = 12, 160
_NOT_YOURS = "The values on this card are not for your role. Nothing was shown."
_FORGOTTEN = "These values are not known any more."
_NOTHING = "Nothing on this card is hidden."


async def reveal(
    gate: Gate, tx: Tx, proposal: Proposal, person: Person
) -> tuple[str, str, str]:
    """Answer who wants to see: code, words for the record, and the values, sealed."""
    if not gate.policy.people.may_reveal(person):
        return "not_yours", _NOT_YOURS, ""
    every = placeholders_of(proposal)
    found = every[:_MOST]
    if not found:
        return "nothing_hidden", _NOTHING, ""
    values = await values_of(gate, tx, proposal.task_id, found)
    if not values:
        return "forgotten", _FORGOTTEN, ""
    shown = {one: values[one] for one in found if one in values}
    await ledger.append(
        tx,
        Event.task_revealed,
        actor=person.id,
        task_id=proposal.task_id,
        body={"proposal": proposal.id, "placeholders": list(shown)},
    )
    lines = [f"{one}  {_short(value)}" for one, value in shown.items()]
    lines += [f"{one}  is not known any more" for one in found if one not in values]
    if len(every) > len(found):
        lines.append(f"and {len(every) - len(found)} more, which are not shown here")
    sealed = Fernet(gate.reveal_key).encrypt("\n".join(lines).encode()).decode()
    return "revealed", "For your eyes, and in the ledger that you saw it:", sealed


def placeholders_of(proposal: Proposal) -> tuple[str, ...]:
    """Give what a card hides of people, in order; a system's former state is none."""
    shown = (
        plain(proposal.params),
        proposal.summary,
        proposal.because,
        plain(proposal.estimate),
    )
    text = json.dumps(shown, ensure_ascii=False)
    hits = (hit for hit in FORM.finditer(text) if hit[1] != WHOLE)
    return tuple(dict.fromkeys(hit[0] for hit in hits))


def _short(value: str) -> str:
    """Give one line that says where it was cut."""
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
