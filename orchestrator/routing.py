"""Routing: from an alert's source and labels to environment, kind, agent, channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.agents import Agent, Agents
from policy.task import TaskKind

_MOST_KEY_CHARACTERS = 300


class RoutingError(Exception):
    """``routes.yaml`` does not load; the message names file, line and mend."""


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
        RoutingError: with file, line and mend.
    """
    text = path.read_text()
    lines = _lines(text, path)
    try:
        read = _File.model_validate(yaml.safe_load(text))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        row = first["loc"][1] if len(first["loc"]) > 1 else 0
        line = lines[row] if isinstance(row, int) and row < len(lines) else 1
        raise RoutingError(
            f"{path}:{line}: {where}: {first['msg']}; mend that field"
        ) from exc
    routes = tuple(
        _route(row, agents, where=f"{path}:{line}")
        for row, line in zip(read.routes, lines, strict=True)
    )
    last = routes[-1]
    if last.source is not None or last.labels:
        raise RoutingError(
            f"{path}:{lines[-1]}: the last route must match everything, so that no "
            "alert is lost; end with `match: {}`"
        )
    return Routes(routes)


def _route(row: _Row, agents: Agents, *, where: str) -> Route:
    name, _, version = row.agent.partition("/")
    agent = agents.get((name, int(version))) if version.isdigit() else None
    if agent is None:
        known = ", ".join(sorted(f"{one}/{number}" for one, number in agents))
        raise RoutingError(
            f"{where}: agent {row.agent} does not exist; use one of {known}"
        )
    if row.kind not in agent.kinds:
        raise RoutingError(
            f"{where}: agent {row.agent} does not take tasks of kind {row.kind}"
        )
    return Route(
        id=row.id,
        source=row.match.source,
        labels={
            name: _pattern(value, where=where)
            for name, value in row.match.labels.items()
        },
        environment=row.environment,
        kind=row.kind,
        agent=agent,
        channel=row.channel,
        quiet_seconds=row.quiet_seconds,
        group_by=tuple(row.group_by),
    )


def _pattern(value: str, *, where: str) -> re.Pattern[str]:
    slashed = len(value) > 1 and value[0] == value[-1] == "/"
    try:
        return re.compile(value[1:-1] if slashed else re.escape(value))
    except re.error as exc:
        raise RoutingError(
            f"{where}: {value} is no regular expression: {exc}; escape or mend it"
        ) from exc


def _lines(text: str, path: Path) -> list[int]:
    """Give the line of each route."""
    try:
        root = yaml.compose(text)
    except yaml.YAMLError as exc:
        raise RoutingError(f"{path}: is no YAML: {exc}") from exc
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "routes" and isinstance(value, yaml.SequenceNode):
                return [item.start_mark.line + 1 for item in value.value]
    return [1]
