"""
What the params of an edit must be beside one another, and beside the time it is.

The tool's schema says so: ``x-after`` another instant, ``x-ahead-seconds`` from now,
and ``x-empty-only-for`` the value of another param. Each is the gateway's to check
again: here it is said while the form is still open.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.blocks.edit_review import review
from bot.blocks.modals import PARAM, EditForm, fields_of, label_of
from bot.blocks.text import mapping_of, seconds_of
from storage.proposals import Proposal

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))

# The input below the fields of each form of an edit.
_COMMENT = "comment"


def held(
    proposal: Proposal, form: EditForm, values: Mapping[str, object], *, now: float
) -> EditForm:
    """
    Give a form with what is wrong between its fields; ``now`` in Unix seconds.

    What is not asked for in the form that was sent (``values``) is said below it.
    """
    if form.errors:
        return form
    schema = proposal.params_schema
    specs = dict(fields_of(schema))
    params = review(proposal, form).form.params
    errors = {}
    for name, said in check_together(schema, params, now=now).items():
        block = f"{PARAM}{name}"
        if block in values:
            errors[block] = said
        else:
            errors[_COMMENT] = f"{label_of(name, mapping_of(specs[name]))}: {said}"
    return replace(form, errors=errors)


def check_together(
    schema: Mapping[str, object], params: Mapping[str, object], *, now: float
) -> Mapping[str, str]:
    """Give what is wrong, by the param whose field is to say it."""
    specs = {name: mapping_of(spec) for name, spec in fields_of(schema)}
    errors = {}
    for name, spec in specs.items():
        found = (
            _check_empty(spec, params, params.get(name))
            or _check_after(spec, params, specs, seconds_of(params.get(name)))
            or _check_ahead(spec, params, seconds_of(params.get(name)), now)
        )
        if found:
            errors[name] = found
    return errors


def _check_empty(
    spec: Mapping[str, object], params: Mapping[str, object], value: object
) -> str:
    if value is not None or "x-empty-only-for" not in spec or _is_exempt(spec, params):
        return ""
    return "Fill this in."


def _is_exempt(spec: Mapping[str, object], params: Mapping[str, object]) -> bool:
    only = mapping_of(spec.get("x-empty-only-for"))
    return any(params.get(name) == value for name, value in only.items())


def _check_after(
    spec: Mapping[str, object],
    params: Mapping[str, object],
    specs: Mapping[str, Mapping[str, object]],
    at: float | None,
) -> str:
    rule = mapping_of(spec.get("x-after"))
    other, most = str(rule.get("param", "")), rule.get("most_seconds")
    begin = seconds_of(params.get(other))
    if at is None or begin is None or not isinstance(most, int | float):
        return ""
    if 0 < at - begin <= most:
        return ""
    label = label_of(other, specs.get(other, {}))
    return f"It must be after {label}, by {_said(most)} at most."


def _check_ahead(
    spec: Mapping[str, object],
    params: Mapping[str, object],
    at: float | None,
    now: float,
) -> str:
    rule = spec.get("x-ahead-seconds")
    if at is None or not isinstance(rule, list | tuple) or _is_exempt(spec, params):
        return ""
    least, most = (float(str(one)) for one in rule)
    if now + least <= at <= now + most:
        return ""
    return f"It must be between {_said(least)} and {_said(most)} from now."


def _said(seconds: float) -> str:
    """Say a bound in the largest unit that it is whole in."""
    size, unit = next(one for one in _UNITS if seconds % one[0] == 0)
    count = int(seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"
