"""
What an earlier release stored of an action, read as this release's tools do.

Bounds may be narrower by now, a field or a whole tool may be gone: whoever reads stored
params or states asks here, and gets one refusal, which says what does not fit and what
to do. The values stay out of its words.
"""

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue, ValidationError

from gateway.gate import RefusedCall
from gateway.registry import AnyWrite, Registry
from gateway.veil import say_unread

_LOOK = "a person has to look at its target, and act by hand"


class UnreadableRow(RefusedCall):
    """What a proposal or an execution holds fits no tool of this release."""

    def __init__(self, tool: str, why: str) -> None:
        super().__init__(
            "unreadable_row",
            rule="stored-rows",
            message=f"this release can't read what it stored of {tool}: {why}; {_LOOK}",
            status=409,
        )


def read_tool(registry: Registry, name: str) -> AnyWrite:
    """
    Give the tool that a stored row names.

    Raises:
        UnreadableRow: this release has no such tool.
    """
    tool = registry.find_write(name)
    if tool is None:
        raise UnreadableRow(name, "it has no such tool")
    return tool


def read_params(
    tool: AnyWrite, stored: Mapping[str, JsonValue], *, what: str = "params"
) -> BaseModel:
    """
    Type stored params; ``what`` names them.

    Raises:
        UnreadableRow: they don't fit this release's model.
    """
    return _fit(tool, tool.params, stored, what)


def read_state(
    tool: AnyWrite, stored: Mapping[str, JsonValue], *, what: str
) -> BaseModel:
    """
    Type a stored state of the tool's target; ``what`` names it: ``before``, ``after``.

    Raises:
        UnreadableRow: it doesn't fit this release's model.
    """
    return _fit(tool, tool.state, stored, what)


def _fit(
    tool: AnyWrite,
    shape: type[BaseModel],
    stored: Mapping[str, JsonValue],
    what: str,
) -> BaseModel:
    try:
        return shape.model_validate(stored)
    except ValidationError as exc:
        raise UnreadableRow(tool.name, f"{what}: {say_unread(exc)}") from exc
