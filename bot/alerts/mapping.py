"""
Mappings of ``generic``: for each field of an alert, where a sender's JSON has it.

A YAML file (``generic.yaml`` beside this module is the default) holds named mappings,
whose fields are JMESPath expressions. They are data: nothing is run but JMESPath, and
each is compiled when the file is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError, JMESPathTypeError
from jmespath.parser import ParsedResult
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.alerts.fields import snake_named
from bot.alerts.parsed import UnreadableAlert
from policy.alert import Severity
from policy.errors import PolicyError
from policy.yaml_text import decode, lines_of, parse_yaml

MOST_EXPRESSION = 500
_FIELDS = ("title", "severity", "status", "service", "environment", "fingerprint")
_TIMES = ("starts_at", "ends_at")


class StatusWord(StrEnum):
    """What a sender's status means; ``ignored`` ones are nothing to tell."""

    firing = "firing"
    resolved = "resolved"
    ignored = "ignored"


def _checked(expression: str) -> str:
    """Refuse what is no JMESPath, and functions that it does not have."""
    try:
        parsed = jmespath.compile(expression).parsed
    except JMESPathError as exc:
        raise ValueError(f"no JMESPath: {str(exc).splitlines()[0]}") from exc
    except RecursionError as exc:
        raise ValueError("no JMESPath: nested too deeply") from exc
    waiting: list[object] = [parsed]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        if node.get("type") == "function_expression":
            _check_call(str(node.get("value")), len(node["children"]))
        waiting.extend(node.get("children", []))
    return expression


def _check_call(name: str, given: int) -> None:
    """JMESPath itself would notice on the first alert."""
    known = functions.Functions.FUNCTION_TABLE.get(name)
    if known is None:
        raise ValueError(f"no JMESPath function is called {name}")
    signature = known["signature"]
    variadic = bool(signature) and bool(signature[-1].get("variadic"))
    if given < len(signature) or (given > len(signature) and not variadic):
        raise ValueError(f"{name}() takes {len(signature)} arguments, not {given}")


Expression = Annotated[
    str, Field(min_length=1, max_length=MOST_EXPRESSION), AfterValidator(_checked)
]
Expressions = Annotated[list[Expression], Field(max_length=20)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    any_case: bool = False
    when: Expression | None = None
    items: Expression | None = None
    title: Expression
    severity: Expression | None = None
    severity_words: dict[str, Severity] = {}
    status: Expression | None = None
    status_words: dict[str, StatusWord] = {}
    fingerprint: Expression | list[str] = []
    service: Expression | None = None
    environment: Expression | None = None
    starts_at: Expression | None = None
    ends_at: Expression | None = None
    links: Expressions = []
    labels: Expressions = []


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    mappings: list[_Row] = Field(min_length=1, max_length=200)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One mapping, compiled.

    ``any_case``: its names are in snake case, the sender's in any. ``fields`` has those
    that are mapped. ``hashed_labels`` are the labels by which an
    alert is known where no expression gives its id.
    """

    name: str
    any_case: bool
    when: ParsedResult | None
    items: ParsedResult | None
    fields: Mapping[str, ParsedResult]
    severity_words: Mapping[str, Severity]
    status_words: Mapping[str, StatusWord]
    hashed_labels: tuple[str, ...]
    links: tuple[ParsedResult, ...]
    labels: tuple[ParsedResult, ...]

    def renamed(self, body: object) -> object:
        """Give what the expressions are evaluated on."""
        return snake_named(body) if self.any_case else body

    def find(self, name: str, event: object) -> object:
        """
        Give a field's value; None of a field that is not mapped.

        Raises:
            UnreadableAlert: the expression can't be evaluated on this event.
        """
        compiled = self.fields.get(name)
        return None if compiled is None else search(compiled, event, self.name, name)


def search(compiled: ParsedResult, event: object, mapping: str, field: str) -> object:
    """
    Evaluate one expression.

    Raises:
        UnreadableAlert: it fails on this event: a function was given another type.
    """
    try:
        found: object = compiled.search(event)
    except JMESPathTypeError as exc:
        # Its own message repeats the value, which may be a person's.
        expected = " or ".join(exc.expected_types)
        why = f"{exc.function_name}() was given {exc.actual_type}, not {expected}"
        raise UnreadableAlert(f"mapping {mapping}: {field}: {why}") from exc
    except (TypeError, ValueError, ArithmeticError, RecursionError) as exc:
        # JMESPath's functions let some of Python's own errors through.
        raise UnreadableAlert(
            f"mapping {mapping}: {field}: can't be evaluated on this body"
        ) from exc
    return found


def load_mappings(path: Path) -> tuple[Rule, ...]:
    """
    Read a file of mappings, in order: the first whose ``when`` holds is taken.

    Raises:
        PolicyError: with file, line and mend.
    """
    where = str(path)
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise PolicyError(
            where, 0, what=f"can't be read: {exc.strerror}", mend="name a readable file"
        ) from exc
    text = decode(raw, path=where)
    rows = parse_yaml(text, _File, path=where).mappings
    _check_order(rows, lines_of(text, "mappings"), path=where)
    return tuple(map(_rule, rows))


def _check_order(rows: Sequence[_Row], lines: Sequence[int], *, path: str) -> None:
    seen: set[str] = set()
    for row, line in zip(rows, lines, strict=True):
        if row.name in seen:
            raise PolicyError(
                path, line, what=f"mapping {row.name} stands twice", mend="rename one"
            )
        seen.add(row.name)
        if row.when is None and row is not rows[-1]:
            raise PolicyError(
                path,
                line,
                what=f"mapping {row.name} takes everything, and others follow it",
                mend="give it a `when`, or put it last",
            )


def _rule(row: _Row) -> Rule:
    said = {name: getattr(row, name) for name in (*_FIELDS, *_TIMES)}
    own = row.fingerprint if isinstance(row.fingerprint, list) else []
    return Rule(
        name=row.name,
        any_case=row.any_case,
        when=jmespath.compile(row.when) if row.when else None,
        items=jmespath.compile(row.items) if row.items else None,
        fields={
            name: jmespath.compile(one)
            for name, one in said.items()
            if isinstance(one, str)
        },
        severity_words={word.lower(): one for word, one in row.severity_words.items()},
        status_words={word.lower(): one for word, one in row.status_words.items()},
        hashed_labels=tuple(sorted(own)),
        links=tuple(map(jmespath.compile, row.links)),
        labels=tuple(map(jmespath.compile, row.labels)),
    )
