"""What an edit changes, shown before it is proposed, and bound to what was shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.blocks.difference import apart
from bot.blocks.modals import (
    EditForm,
    field_block,
    fields_of,
    is_instant,
    label_of,
    why_blocks,
)
from bot.blocks.text import (
    Block,
    clean,
    context,
    mapping_of,
    plain_text,
    seconds_of,
    section,
    written,
)
from storage.canonical import digest
from storage.proposals import Proposal

CONFIRM_CALLBACK = "edit:confirm"
NOTHING = "Nothing is changed yet. Change a field, or cancel."
_REASON = "reason"
# Two of them, each character escaped to five, fit into a section.
_MOST = 250
_ANEW = (
    "Reach, cost and risk are measured anew for it. The edited proposal is a new card "
    "and needs approval; approvals given so far are void."
)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the diff; ``name`` is the param's, or ``reason``."""

    name: str
    label: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Review:
    """An edit as it would be stored, and what of the proposal it changes."""

    form: EditForm
    changes: Sequence[Change]

    @property
    def digest(self) -> str:
        """Stand for all that runs: params and reason code, not the words on why."""
        return digest({"params": self.form.params, "reason": self.form.reason_code})


def review(proposal: Proposal, form: EditForm) -> Review:
    """Hold a valid form against the stored proposal; what is equal stays as stored."""
    changes, params = [], dict(form.params)
    for name, spec in fields_of(proposal.params_schema):
        before, after = proposal.params.get(name), params[name]
        if _bare(before) == _bare(after) or _same_minute(spec, before, after):
            params[name] = before
        else:
            label = label_of(name, mapping_of(spec))
            changes.append(Change(name, label, before, after))
    reason = form.reason_code or proposal.reason_code
    if reason != proposal.reason_code:
        changes.append(Change(_REASON, "Reason code", proposal.reason_code, reason))
    return Review(replace(form, params=params, reason_code=reason), changes)


def confirm_view(title: str, proposal: Proposal, found: Review, value: str) -> Block:
    """Show the diff, and below it the changed fields, which can still be mended."""
    specs = dict(fields_of(proposal.params_schema))
    changed = [one for one in found.changes if one.name in specs]
    return {
        "type": "modal",
        "callback_id": CONFIRM_CALLBACK,
        "private_metadata": f"{value} {found.digest}",
        "title": plain_text("Check your edit", most=24),
        "submit": plain_text("Propose edit", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [
            section(f"*{clean(title)}* would change:"),
            *[
                section(_line(one), block_id=f"diff:{one.name}")
                for one in found.changes
            ],
            context(_ANEW),
            {"type": "divider"},
            *[
                field_block(one.name, mapping_of(specs[one.name]), one.after)
                for one in changed
            ],
            *why_blocks(proposal.params_schema, found.form.reason_code),
            context("What you change here is shown again before it is proposed."),
        ],
    }


def read_confirmed(metadata: str) -> tuple[str, str]:
    """Give the button's value and the digest of the edit that was shown."""
    value, _, shown = metadata.partition(" ")
    return value, shown


def _line(one: Change) -> str:
    sides = [_said(side).replace("\n", " ⏎ ") for side in (one.before, one.after)]
    found = apart(sides[0], sides[1], most=_MOST)
    shown = [f"*{written(text, most=_MOST).replace('*', '')}*" for text in found]
    return f"{clean(one.label)}\n{shown[0]}  →  {shown[1]}"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None or value == "":
        return "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _same_minute(spec: object, before: object, after: object) -> bool:
    """Tell whether an instant was left alone: Slack's field knows whole minutes."""
    if not is_instant(mapping_of(spec)):
        return False
    was, becomes = seconds_of(before), seconds_of(after)
    if was is None or becomes is None:
        return False
    return was // 60 == becomes // 60


def _bare(value: object) -> object:
    """Give a value as a field gives it back: words without the space around them."""
    return value.strip() if isinstance(value, str) else value
