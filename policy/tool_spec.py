"""What policy must know of a tool: its class, its params, its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ToolCategory(StrEnum):
    """The reversibility class: from the declaration, never from a model."""

    read = "read"
    write_reversible = "write_reversible"
    write_irreversible = "write_irreversible"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """
    One registered tool.

    ``params_schema`` is the JSON Schema (draft 2020-12) of the params object, with
    ``minimum``/``maximum``/``enum`` as bounds and ``x-unit`` as unit.
    ``target_params`` name the params that say what is acted on.
    """

    name: str
    version: int
    category: ToolCategory
    params_schema: Mapping[str, object]
    target_params: tuple[str, ...] = ()
    reason_codes: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
