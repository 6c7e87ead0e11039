"""What params and target of a proposal must be beyond their types."""

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue

from gateway.gate import RefusedCall
from gateway.ports import Unreadable
from gateway.redaction.placeholder import REMOVED
from gateway.registry import AnyWrite, Estimate, internal_params, prose_params
from storage.canonical import is_exact


def check_params(tool: AnyWrite | None, params: Mapping[str, JsonValue]) -> None:
    """
    Let an undo alone set what marks one; let placeholders stand in texts for people.

    Raises:
        RefusedCall: a param marks an undo, or a placeholder stands where policy decides
            by the value.
    """
    internal = internal_params(tool.params) if tool else frozenset()
    given = sorted(name for name in internal if params.get(name))
    if tool is not None and given:
        raise RefusedCall(
            "internal_params",
            rule="internal-params",
            message=f"{tool.name}: {', '.join(given)} is set by an undo alone",
            status=422,
        )
    texts = prose_params(tool.params) if tool else frozenset()
    for name, value in params.items():
        if name not in texts and "⟨" in str(value):
            raise RefusedCall(
                "placeholder_param",
                rule="placeholders",
                message=f"{name} is no text for people: name it plainly, as a read "
                "shows it",
                status=422,
            )


def check_named(targets: Mapping[str, JsonValue]) -> None:
    """
    Refuse a target that redaction has removed for good: nothing could run.

    Raises:
        RefusedCall: it holds a mark for a secret or a card.
    """
    for name, value in targets.items():
        if any(mark in str(value) for mark in REMOVED.values()):
            raise RefusedCall(
                "removed_target",
                rule="placeholders",
                message=f"{name} looks like a secret or a card, which is never kept; "
                "name the target by its id",
                status=422,
            )


def check_exact(tool: AnyWrite, before: BaseModel, reach: Estimate) -> None:
    """
    See that what was read can be compared with what is approved.

    Raises:
        Unreadable: a number of it is past 2^53, or none; or it reaches less than none,
            as a rehearsal may say.
    """
    if not is_exact([before.model_dump(mode="json"), reach.amount]):
        raise Unreadable(f"{tool.name}: its target has a number past 2^53, or none")
    if reach.amount < 0:
        raise Unreadable(f"{tool.name}: its system tells of less than 0 {reach.unit}")
