"""
What an alert must say to be meant: by a route, a maintenance window, a silence.

Regular expressions are RE2's, as in Prometheus and Alertmanager: no text that a
stranger sends makes one slow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import re2
from pydantic import BaseModel, ConfigDict

from policy.alert import Severity
from policy.errors import PolicyError

MOST_PATTERN = 300
MOST_VALUE = 1000
_LEAST_SLASHED = 2


_NO_EXPRESSION = "no regular expression (RE2's, as Alertmanager's)"


class _Expression(Protocol):
    def fullmatch(self, text: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """A value as it is or, where it stood between slashes, an expression."""

    text: str
    expression: _Expression | None = None


class MatchRow(BaseModel):
    """``match:`` as it is written; nothing means everything."""

    model_config = ConfigDict(extra="forbid")
    source: str | None = None
    tenant: str | None = None
    severity: list[Severity] = []
    labels: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Match:
    """``labels`` are patterns over the whole value; a label that lacks is empty."""

    source: str | None
    tenant_id: str | None
    severities: tuple[Severity, ...]
    labels: Mapping[str, Pattern]

    @property
    def is_everything(self) -> bool:
        return not (self.source or self.tenant_id or self.severities or self.labels)

    def misses(
        self, source: str, labels: Mapping[str, str], severity: Severity, tenant_id: str
    ) -> str | None:
        """Say what speaks against it; None if it is meant."""
        if self.source not in {None, source}:
            return f"source is {source}, not {self.source}"
        if self.tenant_id not in {None, tenant_id}:
            return f"tenant is {tenant_id}, not {self.tenant_id}"
        if self.severities and severity not in self.severities:
            return f"severity is {severity}, not {' or '.join(self.severities)}"
        for name, pattern in self.labels.items():
            value = labels.get(name, "")
            if not fits(pattern, value):
                is_now = f"is {value!r}" if value else "lacks"
                return f"label {name} {is_now}"
        return None


def fits(pattern: Pattern, value: str) -> bool:
    """Match the whole of a value, which is cut to ``MOST_VALUE`` characters."""
    if pattern.expression is None:
        return pattern.text == value
    return pattern.expression.fullmatch(value[:MOST_VALUE]) is not None


def make_match(row: MatchRow, *, path: str, line: int) -> Match:
    """
    Compile the patterns.

    Raises:
        PolicyError: one is no regular expression, or too long.
    """
    return Match(
        row.source,
        row.tenant,
        tuple(row.severity),
        {
            name: make_pattern(value, path=path, line=line)
            for name, value in row.labels.items()
        },
    )


def make_pattern(value: str, *, path: str, line: int) -> Pattern:
    """
    Take a value as it is or, between slashes, as a regular expression.

    Raises:
        PolicyError: it is none, or longer than ``MOST_PATTERN``.
    """
    if len(value) > MOST_PATTERN:
        raise PolicyError(
            path,
            line,
            what=f"{value[:40]}… has {len(value)} characters, over {MOST_PATTERN}",
            mend="shorten it, or match another label",
        )
    if len(value) < _LEAST_SLASHED or not value[0] == value[-1] == "/":
        return Pattern(value)
    try:
        return Pattern(value, _compile(value[1:-1]))
    except re2.error as exc:
        raise PolicyError(
            path,
            line,
            what=f"{value} is {_NO_EXPRESSION}: {exc.args[0].decode()}",
            mend="escape or mend it; there is no look-around and no back-reference",
        ) from exc


@lru_cache(maxsize=512)
def _compile(expression: str) -> _Expression:
    """Compile once: silences are judged with each alert that comes."""
    options = re2.Options()
    options.log_errors = False
    compiled: _Expression = re2.compile(expression, options)
    return compiled
