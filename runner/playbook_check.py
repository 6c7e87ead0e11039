"""Whether a playbook means something: references, reachability, expressions, tools."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from runner.errors import PlaybookError
from runner.expression import check, is_never, references
from runner.playbook import (
    Finding,
    First,
    Found,
    Multiply,
    Playbook,
    Propose,
    Read,
    Step,
    Unknown,
    Value,
    read_playbook,
)
from runner.yaml_text import Loc, line_at, parse_yaml
from wire.session import AlertView, TaskView

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
ROOTS = frozenset({"alert", "alerts", "task", "steps", "values"})
OUTCOMES = frozenset({"result", "evidence_id", "refused", "proposed"})


def parse_playbook(
    content: object,
    *,
    tools: Collection[str] | None = None,
    path: str = "playbook",
    lines: dict[Loc, int] | None = None,
    at: Loc = (),
) -> Playbook:
    """
    Give a checked playbook from parsed JSON or YAML.

    Raises:
        PlaybookError: the shape is wrong, an expression is no JMESPath, a reference
            names nothing (or a later step), a step can't be reached, or a tool is not
            among ``tools`` (where given).
    """
    playbook = read_playbook(content, path=path, lines=lines, at=at)
    place = _Place(path=path, lines=lines or {}, at=at)
    _check_values(playbook, place)
    seen: dict[str, Step] = {}
    finished: str | None = None
    for position, step in enumerate(playbook.steps):
        here = place.under("steps", position)
        if finished is not None:
            raise here.error(
                f"step {step.id} can't be reached",
                f"step {finished} always finishes; give it a condition",
            )
        if step.id in seen:
            raise here.error(f"step {step.id} stands twice", "rename one of the two")
        _check_step(step, seen, playbook, here)
        _check_tool(step, tools, here)
        seen[step.id] = step
        if not isinstance(step, Read) and step.then == "finish" and step.when is None:
            finished = step.id
    return playbook


def parse_playbook_text(
    text: str, *, tools: Collection[str] | None = None, path: str = "playbook"
) -> Playbook:
    """Parse a playbook that is a YAML document of its own; see ``parse_playbook``."""
    content, lines = parse_yaml(text, path=path)
    return parse_playbook(content, tools=tools, path=path, lines=lines)


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    lines: dict[Loc, int]
    at: Loc = field(default=())

    def under(self, *parts: int | str) -> "_Place":
        return _Place(self.path, self.lines, (*self.at, *parts))

    def error(self, what: str, mend: str) -> PlaybookError:
        return PlaybookError(
            self.path, line_at(self.lines, self.at), what=what, mend=mend
        )


def _check_values(playbook: Playbook, place: _Place) -> None:
    steps = {step.id for step in playbook.steps}
    known: set[str] = set()
    for name, value in playbook.values.items():
        here = place.under("values", name)
        for expression in expressions_of(value):
            _check_expression(expression, steps=steps, values=known, place=here)
        known.add(name)


def _check_step(
    step: Step, seen: dict[str, Step], playbook: Playbook, place: _Place
) -> None:
    for key, expression in _expressions(step):
        _check_expression(
            expression, steps=seen, values=playbook.values, place=place.under(key)
        )
    if step.when is not None and is_never(step.when):
        raise place.under("when").error(
            f"step {step.id} can't be reached: its condition is never true",
            "remove the step",
        )
    if isinstance(step, Finding | Propose):
        for cited in step.cites:
            if not isinstance(seen.get(cited), Read):
                raise place.under("cites").error(
                    f"step {step.id} cites {cited}, which no earlier step reads",
                    f"earlier reads: {_earlier_reads(seen)}",
                )
    if not isinstance(step, Read):
        _check_text(step, place)


def _check_text(step: Finding | Propose | Unknown, place: _Place) -> None:
    texts = f"{step.summary} {step.because}" if isinstance(step, Propose) else step.text
    named = set(PLACEHOLDER.findall(texts))
    if named != set(step.values):
        odd = ", ".join(sorted(named ^ set(step.values)))
        raise place.error(
            f"step {step.id}: text and values differ in {odd}",
            "name each value once under values and use it in braces",
        )


def _check_tool(step: Step, tools: Collection[str] | None, place: _Place) -> None:
    if tools is None or not isinstance(step, Read | Propose):
        return
    if step.tool not in tools:
        raise place.under("tool").error(
            f"step {step.id}: no tool of this agent is called {step.tool!r}",
            f"known: {', '.join(sorted(tools))}",
        )


def _check_expression(
    expression: str,
    *,
    steps: Collection[str],
    values: Collection[str],
    place: _Place,
) -> None:
    wrong = check(expression)
    if wrong is not None:
        raise place.error(f"{expression!r} is no JMESPath: {wrong}", "mend the syntax")
    for path in sorted(references(expression)):
        named = _unknown_name(path, steps=steps, values=values)
        if named is not None:
            raise place.error(
                f"{expression!r}: {named} names nothing that is known here",
                "a step may refer to earlier steps and to values",
            )


def _unknown_name(
    path: tuple[str, ...], *, steps: Collection[str], values: Collection[str]
) -> str | None:
    root, *rest = path
    fields: dict[str, Collection[str]] = {
        "alert": AlertView.model_fields,
        "task": TaskView.model_fields,
        "steps": steps,
        "values": values,
    }
    if root not in ROOTS:
        return root
    if root in fields and rest and rest[0] not in fields[root]:
        return f"{root}.{rest[0]}"
    if root == "steps" and len(rest) > 1 and rest[1] not in OUTCOMES:
        return f"steps.{rest[0]}.{rest[1]}"
    return None


def expressions_of(value: Value) -> Iterator[str]:
    """Give every expression inside a value."""
    if isinstance(value, Found | First):
        yield value.expression
    parts: tuple[Value, ...] = ()
    if isinstance(value, First):
        parts = tuple(value.where.values())
    elif isinstance(value, Multiply):
        parts = value.factors
    for part in parts:
        yield from expressions_of(part)


def _expressions(step: Step) -> Iterator[tuple[str, str]]:
    if step.when is not None:
        yield "when", step.when
    for key in ("params", "values"):
        for value in getattr(step, key, {}).values():
            for expression in expressions_of(value):
                yield key, expression


def _earlier_reads(seen: dict[str, Step]) -> str:
    return ", ".join(id_ for id_, step in seen.items() if isinstance(step, Read))
