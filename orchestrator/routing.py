"""Routing: from an alert's source and labels to environment, kind, agent, channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from gateway.agents import Agent, Agents
from policy.errors import PolicyError
from policy.task import TaskKind
from policy.yaml_text import decode, lines_of, parse_yaml

_MOST_KEY_CHARACTERS = 300


class _Match(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: str | None = None
    labels: dict[str, str] = {}


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    match: _Match
    environment: str | None = None
    kind: TaskKind
    agent: str
    channel: str = Field(pattern=r"^[CGD][A-Z0-9]{2,}$")
    quiet_seconds: int = Field(default=300, ge=0, le=86_400)
    group_by: list[str] = []


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    routes: list[_Row] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Route:
    """``environment`` None keeps the endpoint's own."""

    id: str
    source: str | None
    labels: Mapping[str, re.Pattern[str]]
    environment: str | None
    kind: TaskKind
    agent: Agent
    channel: str
    quiet_seconds: int
    group_by: tuple[str, ...]

    def group_key(self, labels: Mapping[str, str], fingerprint: str) -> str:
        """
        Say whose alerts share a task; without ``group_by`` each has its own.

        Long labels are hashed: the key stands in an index, which takes 2,700 bytes.
        """
        shared = self.group_by and all(labels.get(name) for name in self.group_by)
        parts = [labels[name] for name in self.group_by] if shared else [fingerprint]
        key = ":".join((self.id, *parts))
        if len(key) <= _MOST_KEY_CHARACTERS:
            return key
        return f"{self.id}:{sha256(key.encode()).hexdigest()}"

    def matches(self, source: str, labels: Mapping[str, str]) -> bool:
        if self.source is not None and self.source != source:
            return False
        return all(
            pattern.fullmatch(labels.get(name, "")) is not None
            for name, pattern in self.labels.items()
        )


@dataclass(frozen=True, slots=True)
class Routes:
    """In order; the last one matches everything."""

    routes: tuple[Route, ...]

    def find(self, source: str, labels: Mapping[str, str]) -> Route:
        return next(one for one in self.routes if one.matches(source, labels))


def load_routes(path: Path, agents: Agents) -> Routes:
    """
    Read ``routes.yaml``.

    Raises:
        PolicyError: with file, line and mend.
    """
    where = str(path)
    text = decode(path.read_bytes(), path=where)
    rows = parse_yaml(text, _File, path=where).routes
    lines = lines_of(text, "routes")
    routes = tuple(
        _route(row, agents, path=where, line=line)
        for row, line in zip(rows, lines, strict=True)
    )
    if routes[-1].source is not None or routes[-1].labels:
        raise PolicyError(
            where,
            lines[-1],
            what="the last route must match everything, so that no alert is lost",
            mend="end with `match: {}`",
        )
    return Routes(routes)


def _route(row: _Row, agents: Agents, *, path: str, line: int) -> Route:
    name, _, version = row.agent.partition("/")
    agent = agents.get((name, int(version))) if version.isdecimal() else None
    if agent is None:
        known = ", ".join(sorted(f"{one}/{number}" for one, number in agents))
        raise PolicyError(
            path,
            line,
            what=f"agent {row.agent} does not exist",
            mend=f"use one of {known}",
        )
    if row.kind not in agent.kinds:
        raise PolicyError(
            path,
            line,
            what=f"agent {row.agent} does not take tasks of kind {row.kind}",
            mend=f"it takes {', '.join(agent.kinds)}",
        )
    return Route(
        id=row.id,
        source=row.match.source,
        labels={
            name: _pattern(value, path=path, line=line)
            for name, value in row.match.labels.items()
        },
        environment=row.environment,
        kind=row.kind,
        agent=agent,
        channel=row.channel,
        quiet_seconds=row.quiet_seconds,
        group_by=tuple(row.group_by),
    )


def _pattern(value: str, *, path: str, line: int) -> re.Pattern[str]:
    slashed = len(value) > 1 and value[0] == value[-1] == "/"
    try:
        return re.compile(value[1:-1] if slashed else re.escape(value))
    except re.error as exc:
        raise PolicyError(
            path,
            line,
            what=f"{value} is no regular expression: {exc}",
            mend="escape or mend it",
        ) from exc
