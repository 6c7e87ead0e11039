"""
Typed tools: a tool is a declaration, and an incomplete one cannot register.

A read tool gives a typed result. A write tool also says what it will change
(``observe``), how far that reaches (``estimate``, measured), what was left
(``reconcile``), whether it worked (``verify``), and, if it is reversible, how to
restore the former state (``undo``). The class comes from here, never from a model.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from gateway.ports import Ports, WritePort
from policy.scope import Scope
from policy.tool_spec import ToolCategory, ToolSpec

Params = TypeVar("Params", bound=BaseModel)
State = TypeVar("State", bound=BaseModel)


class Strict(BaseModel):
    """Base of params and results: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Marks of a field in its model, as json_schema_extra: what redaction keys on, and what
# only an undo may set (no form shows it, no run may propose it).
def personal(kind: str) -> dict[str, JsonValue]:
    """Mark a result's field as personal: ``email``, ``phone``, ``name``, …."""
    return {"x-pii": kind}


# The reason code of every undo.
UNDO = "undo"
INTERNAL: dict[str, JsonValue] = {"x-internal": True}


# A text for people: what stands in it names nobody to policy, so placeholders may.
PROSE: dict[str, JsonValue] = {"x-prose": True}


def prose_params(params: type[BaseModel]) -> frozenset[str]:
    """Give the params that are texts for people; all others are judged as they are."""
    return frozenset(
        name
        for name, one in params.model_fields.items()
        if isinstance(one.json_schema_extra, dict)
        and one.json_schema_extra.get("x-prose")
    )


def internal_params(params: type[BaseModel]) -> frozenset[str]:
    """Give the params that only an undo may set."""
    return frozenset(
        name
        for name, one in params.model_fields.items()
        if isinstance(one.json_schema_extra, dict)
        and one.json_schema_extra.get("x-internal")
    )


def with_defaults(
    params: type[BaseModel], stored: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Give params as today's model would: the release that stored them had fewer."""
    defaults: dict[str, JsonValue] = {
        name: one.default
        for name, one in params.model_fields.items()
        if not one.is_required()
    }
    return defaults | dict(stored)


class Settled(StrEnum):
    """What a read-back says of an effect whose answer was lost."""

    applied = "applied"
    not_applied = "not_applied"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, where and for what a tool is called; instants are Unix seconds."""

    scope: Scope
    now: float
    service: str | None
    alert_started_at: float | None


@dataclass(frozen=True, slots=True)
class Order:
    """Under which idempotency key, and for which reason, a write is sent."""

    key: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    Blast radius as measured: ``amount`` of ``unit``, and the sentence for people.

    ``cost`` says what the action itself takes away.
    """

    amount: float
    unit: str
    text: str
    cost: str


@dataclass(frozen=True, slots=True)
class Verification:
    """
    ``done`` None while it is too early to say.

    Not ``is_told``: what would tell is not measured, so that it says nothing of what
    was done if it never becomes more.
    """

    done: bool | None
    text: str
    measures: Mapping[str, float]
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """``png`` goes with the evidence; ``alt`` says in words what it shows."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class ReadTool(Generic[Params, State]):
    """
    A read.

    ``tainted_fields`` are keys of the result under which anybody may have written.
    ``picture`` draws what was read, or has it drawn; None where there is nothing to
    see. It may take long, and its failure takes nothing from the result.
    """

    name: str
    version: int
    params: type[Params]
    result: type[State]
    read: Callable[[Params, Ports, Occasion], Awaitable[State]]
    tainted_fields: frozenset[str] = frozenset()
    picture: (
        Callable[[Params, State, Ports, Occasion], Awaitable[Picture | None]] | None
    ) = None
    deadline_seconds: float = 10.0

    @property
    def spec(self) -> ToolSpec:
        return ToolSpec(
            self.name, self.version, ToolCategory.read, self.params.model_json_schema()
        )


@dataclass(frozen=True, slots=True)
class WriteTool(Generic[Params, State]):
    """
    A write; ``State`` is the target's state, as observed.

    ``cited_params`` are no target, and yet name what a read must have shown.
    ``port`` gives what it writes through. ``title`` says what would be done, in one
    line, from the params alone. ``rehearse`` is the system's own dry run: it raises
    Refused where the system would not carry it out. ``expires_at`` gives the instant
    (Unix seconds) at which the action is reverted by itself; a tool with one has an
    undo. ``already`` says what stands there where the params ask for nothing new, and
    None where they do; a tool without it does something each time (a mail, a restart).
    ``is_exact`` tells whether the target (the last state) is to the letter what the
    write leaves, where ``reconcile`` holds less of it: asked only of a write whose
    answer nobody has, since what stands there may be somebody else's.
    ``evidence_seconds``: how old the cited evidence may be when it runs.
    ``growth_ratio``: how far the estimate may grow between card and execution.
    ``settle_seconds``: how long after the deadline a sent request may still land.
    """

    name: str
    version: int
    category: ToolCategory
    params: type[Params]
    state: type[State]
    target_params: tuple[str, ...]
    reason_codes: tuple[str, ...]
    port: Callable[[Ports], WritePort]
    title: Callable[[Params], str]
    observe: Callable[[Params, Ports], Awaitable[State]]
    estimate: Callable[[Params, State, Ports], Awaitable[Estimate]]
    describe: Callable[[Params, State], tuple[str, str]]
    execute: Callable[[Params, State, Ports, Order], Awaitable[State]]
    reconcile: Callable[[Params, State, State], Settled]
    verify: Callable[[Params, State, Ports], Awaitable[Verification]]
    undo: Callable[[Params, State], Params] | None = None
    rehearse: Callable[[Params, State, Ports], Awaitable[None]] | None = None
    expires_at: Callable[[Params], float | None] | None = None
    already: Callable[[Params, State], str | None] | None = None
    is_exact: Callable[[Params, State, State, Ports], bool] | None = None
    cited_params: tuple[str, ...] = ()
    evidence_seconds: float = 3600.0
    effect_seconds: float = 10.0
    settle_seconds: float = 2.0
    verify_seconds: float = 90.0
    growth_ratio: float = 1.5

    @property
    def spec(self) -> ToolSpec:
        return ToolSpec(
            self.name,
            self.version,
            self.category,
            self.params.model_json_schema(),
            target_params=self.target_params,
            reason_codes=self.reason_codes,
        )


AnyRead = ReadTool[BaseModel, BaseModel]
AnyWrite = WriteTool[BaseModel, BaseModel]


class IncompleteTool(Exception):
    """A declaration that lacks what its class demands."""


class Registry:
    """All tools of this gateway, by name."""

    def __init__(self, tools: "tuple[object, ...]") -> None:
        self._tools: dict[str, AnyRead | AnyWrite] = {}
        for tool in tools:
            self._register(tool)

    def find(self, name: str) -> AnyRead | AnyWrite | None:
        return self._tools.get(name)

    def find_write(self, name: str) -> AnyWrite | None:
        tool = self._tools.get(name)
        return tool if isinstance(tool, WriteTool) else None

    def write(self, name: str) -> AnyWrite:
        """
        Give a write tool.

        Raises:
            LookupError: there is none of this name; a stored row names a tool that
                this release no longer has.
        """
        tool = self.find_write(name)
        if tool is None:
            raise LookupError(f"tool {name}: not in this release's registry")
        return tool

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self._tools.values())

    def _register(self, tool: object) -> None:
        if not isinstance(tool, ReadTool | WriteTool):
            raise IncompleteTool(f"{tool!r} is neither a ReadTool nor a WriteTool")
        if tool.name in self._tools:
            raise IncompleteTool(f"tool {tool.name} is registered twice")
        if isinstance(tool, WriteTool):
            _check_write(tool)
        self._tools[tool.name] = tool


def _check_write(tool: AnyWrite) -> None:
    if tool.category is ToolCategory.read:
        raise IncompleteTool(f"tool {tool.name}: a write can't be of category read")
    if not tool.reason_codes:
        raise IncompleteTool(f"tool {tool.name}: declare its reason codes")
    if tool.category is ToolCategory.write_reversible and tool.undo is None:
        raise IncompleteTool(f"tool {tool.name}: reversible, so declare undo")
    if tool.undo is not None and tool.category is ToolCategory.write_irreversible:
        raise IncompleteTool(f"tool {tool.name}: what can't be undone has no undo")
    if tool.expires_at is not None and tool.undo is None:
        raise IncompleteTool(f"tool {tool.name}: what expires must have an undo")
    if tool.undo is not None and UNDO not in tool.reason_codes:
        raise IncompleteTool(f"tool {tool.name}: take {UNDO!r} among its reason codes")
    named = {*tool.target_params, *tool.cited_params}
    missing = named - set(tool.params.model_fields)
    if missing or not tool.target_params:
        raise IncompleteTool(
            f"tool {tool.name}: target or cited params {sorted(missing)} are not in "
            "its params"
        )
