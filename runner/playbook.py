"""
A playbook: what to read, what to say and what to propose, as typed data.

Theory of operation. Steps run in order; each has a kind, which names it, and may have
a condition (``when``, JMESPath). A ``read`` calls a tool, a ``finding`` states
something with numbers, an ``unknown`` says what the evidence does not show, a
``propose`` asks for an action; ``then: finish`` ends the playbook there. ``values`` are
named and may be used by any step. Expressions see ``alert`` (the first), ``alerts``,
``task``, ``values``, and
``steps.<id>``: ``.result`` and ``.evidence_id`` of what was read, ``.refused`` (code,
rule, message) of what was not, ``.proposed`` (state, verdict) of what was asked.

A value is a literal or one of
  {from: "<JMESPath>"}
  {first: "<JMESPath of a list>", where: {<field>: <value>}}     the first that is equal
  {multiply: [<value>, <value>], round: down|nearest}
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)

from runner.errors import PlaybookError
from runner.yaml_text import Loc, line_at

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Style = Literal["text", "percent", "number", "integer", "milliseconds"]
Scalar = str | int | float | bool | None


class Part(BaseModel):
    """Refuse unknown fields: a typo in a playbook is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Found(Part):
    expression: str = Field(alias="from")
    style: Style = Field(default="text", alias="as")


class First(Part):
    """The first of a list whose fields equal the given values."""

    expression: str = Field(alias="first")
    where: dict[str, "Value"] = Field(min_length=1)
    style: Style = Field(default="text", alias="as")


class Multiply(Part):
    """A product; with ``round`` a whole number."""

    factors: tuple["Value", ...] = Field(alias="multiply", min_length=2, max_length=4)
    rounding: Literal["down", "nearest"] | None = Field(default=None, alias="round")
    style: Style = Field(default="text", alias="as")


class Literally(Part):
    """A value that the playbook itself states."""

    value: Scalar | list[Scalar] = Field(alias="is")
    style: Style = Field(default="text", alias="as")


def _value_kind(value: object) -> str:
    if isinstance(value, Mapping):
        return next(
            (key for key in ("from", "first", "multiply", "is") if key in value), "from"
        )
    if isinstance(value, Part):
        return {Found: "from", First: "first", Multiply: "multiply"}.get(
            type(value), "is"
        )
    return "literal"


Value = Annotated[
    Annotated[Found, Tag("from")]
    | Annotated[First, Tag("first")]
    | Annotated[Multiply, Tag("multiply")]
    | Annotated[Literally, Tag("is")]
    | Annotated[Scalar | list[Scalar], Tag("literal")],
    Discriminator(_value_kind),
]


class Read(Part):
    id: StepId = Field(alias="read")
    tool: str
    params: dict[str, Value] = Field(default_factory=dict)
    when: str | None = None


class Finding(Part):
    """``text`` names its values in braces."""

    id: StepId = Field(alias="finding")
    text: str = Field(min_length=1, max_length=500)
    values: dict[str, Value] = Field(default_factory=dict)
    cites: tuple[StepId, ...] = Field(min_length=1)
    when: str | None = None
    then: Literal["finish"] | None = None


class Propose(Part):
    """``summary`` and ``because`` name their values in braces."""

    id: StepId = Field(alias="propose")
    tool: str
    params: dict[str, Value]
    reason_code: str = Field(min_length=1)
    summary: str = Field(min_length=1, max_length=250)
    because: str = Field(default="", max_length=500)
    values: dict[str, Value] = Field(default_factory=dict)
    cites: tuple[StepId, ...] = Field(min_length=1)
    confidence: float | None = Field(default=None, ge=0, le=1)
    when: str | None = None
    then: Literal["finish"] | None = None


class Unknown(Part):
    id: StepId = Field(alias="unknown")
    text: str = Field(min_length=1, max_length=500)
    values: dict[str, Value] = Field(default_factory=dict)
    when: str | None = None
    then: Literal["finish"] | None = None


def _step_kind(step: object) -> str:
    if isinstance(step, Mapping):
        kinds = ("read", "finding", "propose", "unknown")
        return next((kind for kind in kinds if kind in step), "read")
    return type(step).__name__.lower()


Step = Annotated[
    Annotated[Read, Tag("read")]
    | Annotated[Finding, Tag("finding")]
    | Annotated[Propose, Tag("propose")]
    | Annotated[Unknown, Tag("unknown")],
    Discriminator(_step_kind),
]


class Playbook(Part):
    values: dict[str, Value] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=50)


def read_playbook(
    content: object,
    *,
    path: str = "playbook",
    lines: dict[Loc, int] | None = None,
    at: Loc = (),
) -> Playbook:
    """
    Check the shape of a parsed playbook; ``check_playbook`` checks what it means.

    ``at`` is where the playbook stands in the file that ``lines`` belong to.

    Raises:
        PlaybookError: a field is missing, unknown or of another type.
    """
    try:
        return Playbook.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PlaybookError(
            path,
            line_at(lines or {}, (*at, *first["loc"])),
            what=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            mend="see runner/playbook.py for the fields",
        ) from error
