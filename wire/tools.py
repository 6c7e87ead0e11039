"""Tool calls: what a runner may ask, and what it is told."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Frozen(BaseModel):
    """Refuse unknown fields; an error names the field and never repeats its value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ToolCall(Frozen):
    """
    One read, asked by a runner.

    ``step`` names the place in the plan; the same (run, step) with the same params is
    answered from the journal without a second call.
    """

    step: str = Field(min_length=1, max_length=120)
    params: dict[str, JsonValue]


class ToolAnswer(Frozen):
    """
    A redacted result, kept as evidence under ``evidence_id`` (UUID).

    ``left_out`` says by path what of a long result is in the evidence alone, under ""
    that all of it is.
    """

    evidence_id: str
    digest: str
    tool: str
    result: dict[str, JsonValue]
    left_out: dict[str, str] = {}
    replayed: bool = False


class ToolView(Frozen):
    """One tool of this agent's list."""

    name: str
    version: int
    category: Literal["read", "write_reversible", "write_irreversible"]
    params_schema: dict[str, JsonValue]
    reason_codes: tuple[str, ...] = ()


class Refusal(Frozen):
    """
    Why a call was not carried out.

    ``code`` is stable and machine-readable, ``rule`` names the policy rule or check,
    ``message`` says what to do next.
    """

    code: str
    rule: str
    message: str
