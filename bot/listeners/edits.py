"""The answers to the forms of an edit: errors, what would change, or all fields."""

from collections.abc import Collection

from slack_bolt.async_app import AsyncAck

from bot.blocks.bounds import held
from bot.blocks.edit_review import NOTHING, confirm_view, review
from bot.blocks.modals import (
    PARAM,
    EditForm,
    edit_view,
    fields_of,
    label_of,
    long_ones,
    read_edit,
)
from bot.blocks.text import mapping_of
from bot.blocks.what import title_of
from bot.listeners.answering import keep_open
from bot.listeners.payload import Submission
from bot.origin import with_origin
from storage.canonical import plain
from storage.proposals import Proposal


def read_second(proposal: Proposal, sent: Submission, *, now: float) -> EditForm:
    """Read the form that asks for what was changed alone; the rest is as stored."""
    was, schema = proposal.params, proposal.params_schema
    form = read_edit(schema, sent.values, kept=was, was=was)
    # What it has no field for, the first form has, but for what is too long.
    names = [name for name, _ in fields_of(schema) if name not in long_ones(was)]
    return held(proposal, form, {f"{PARAM}{one}": None for one in names}, now=now)


async def show_diff(
    ack: AsyncAck, proposal: Proposal, form: EditForm, sent: Submission
) -> None:
    """Answer a form with its errors, with nothing to propose, or with its diff."""
    lacking = [
        block
        for block in form.errors
        if block.startswith(PARAM) and block not in sent.values
    ]
    if lacking:
        await _ask_again(ack, proposal, form, sent, lacking)
        return
    if form.errors:
        await ack(response_action="errors", errors=dict(form.errors))
        return
    found = review(proposal, form)
    if not found.changes:
        await keep_open(ack, NOTHING)
        return
    view = confirm_view(title(proposal), proposal, found, sent.metadata)
    view["private_metadata"] = with_origin(str(view["private_metadata"]), sent.origin)
    await ack(response_action="update", view=view)


async def _ask_again(
    ack: AsyncAck,
    proposal: Proposal,
    form: EditForm,
    sent: Submission,
    lacking: Collection[str],
) -> None:
    """Open all fields, as they were typed: one that is wrong has none in this form."""
    said = [
        f"{label_of(name, mapping_of(spec))}: {form.errors[f'{PARAM}{name}']}"
        for name, spec in fields_of(proposal.params_schema)
        if f"{PARAM}{name}" in lacking
    ]
    view = edit_view(
        title(proposal),
        schema=proposal.params_schema,
        params={**proposal.params, **form.params},
        reason_code=form.reason_code or proposal.reason_code,
        metadata=with_origin(sent.metadata, sent.origin),
        said=" ".join(said),
    )
    await ack(response_action="update", view=dict(view))


def title(proposal: Proposal) -> str:
    return title_of(
        {
            "tool": proposal.tool,
            "params": plain(proposal.params),
            "estimate": plain(proposal.estimate),
        }
    )
