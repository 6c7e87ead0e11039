"""Routing: from what an alert says to environment, kind, agent, channel, people."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from gateway.agents import Agent, Agents
from orchestrator.maintenance import Window, WindowRow, make_window
from orchestrator.matching import Match, MatchRow, make_match
from policy.alert import Severity
from policy.errors import PolicyError
from policy.task import TaskKind
from policy.yaml_text import decode, lines_of, parse_yaml

_MOST_KEY_CHARACTERS = 300
# Without a longest wait of its own a group that keeps talking waits so many debounces.
_MOST_DEBOUNCES = 5
# Work each day, all day, has no end: so many windows are followed.
_MOST_WINDOWS = 20
# An agent's version has so many digits at most; Python reads 4,300.
_MOST_DIGITS = 9


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    match: MatchRow
    environment: str | None = None
    kind: TaskKind
    agent: str
    channel: str = Field(pattern=r"^[CGD][A-Z0-9]{2,}$")
    people: list[str] = Field(default_factory=list, max_length=10)
    quiet_seconds: int = Field(default=300, ge=0, le=86_400)
    group_by: list[str] = []
    debounce_seconds: int = Field(default=0, ge=0, le=3600)
    longest_wait_seconds: int | None = Field(default=None, ge=0, le=86_400)
    cool_down_seconds: int = Field(default=0, ge=0, le=86_400)
    most_fixes: int = Field(default=3, ge=1, le=100)
    # Alertmanager repeats what fires after four hours: a day holds three such fixes.
    fix_window_seconds: int = Field(default=86_400, ge=60, le=604_800)


class _Storm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    alerts_per_minute: int = Field(default=600, ge=1)
    threads_per_minute: int = Field(default=10, ge=1)
    calm_seconds: int = Field(default=120, ge=1, le=3600)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    routes: list[_Row] = Field(min_length=1)
    storm: _Storm = _Storm()
    maintenance: list[WindowRow] = []


@dataclass(frozen=True, slots=True)
class StormRules:
    """
    When a channel is in a storm, and until when.

    It begins with so many alerts within a minute, or with so many new threads; it ends
    once neither was reached for ``calm_seconds``.
    """

    alerts_per_minute: int
    threads_per_minute: int
    calm_seconds: int


@dataclass(frozen=True, slots=True)
class Waits:
    """
    How long a new group waits for more before it opens; a critical alert never does.

    ``debounce`` runs anew with each alert, for ``longest`` at most; ``cool_down`` runs
    from the end of the group's last task.
    """

    debounce: timedelta
    longest: timedelta
    cool_down: timedelta


@dataclass(frozen=True, slots=True)
class Route:
    """``environment`` None keeps the endpoint's own; ``people`` are ids of Slack."""

    id: str
    match: Match
    environment: str | None
    kind: TaskKind
    agent: Agent
    channel: str
    people: tuple[str, ...]
    quiet_seconds: int
    group_by: tuple[tuple[str, ...], ...]
    waits: Waits
    most_fixes: int
    fix_window: timedelta

    def group_key(self, labels: Mapping[str, str], fingerprint: str) -> str:
        """
        Say whose alerts share a task; without ``group_by`` each has its own.

        Of an owner chain the first label that is there counts. Long labels are hashed:
        the key stands in an index, which takes 2,700 bytes.
        """
        owners = [_owner(chain, labels) for chain in self.group_by]
        shared = owners and all(owners)
        parts = [one or "" for one in owners] if shared else [fingerprint]
        key = ":".join(map(_escaped, (self.id, *parts)))
        if len(key) <= _MOST_KEY_CHARACTERS:
            return key
        return f"{_escaped(self.id)}:{sha256(key.encode()).hexdigest()}"


def _escaped(part: str) -> str:
    """Keep a colon within a part from reading as the next part."""
    return part.replace("\\", "\\\\").replace(":", "\\:")


def _owner(chain: tuple[str, ...], labels: Mapping[str, str]) -> str | None:
    """Give the first of these labels that is there; named if it is one of several."""
    name = next((one for one in chain if labels.get(one)), None)
    if name is None:
        return None
    return labels[name] if len(chain) == 1 else f"{name}={labels[name]}"


@dataclass(frozen=True, slots=True)
class Routes:
    """In order; the last one matches everything."""

    routes: tuple[Route, ...]
    storm: StormRules
    maintenance: tuple[Window, ...]

    def find(
        self,
        source: str,
        labels: Mapping[str, str],
        *,
        severity: Severity = Severity.warning,
        tenant_id: str = "",
    ) -> Route:
        return next(
            one
            for one in self.routes
            if one.match.misses(source, labels, severity, tenant_id) is None
        )

    def find_maintenance(
        self,
        source: str,
        labels: Mapping[str, str],
        *,
        severity: Severity,
        tenant_id: str,
        now: datetime,
    ) -> tuple[Window, datetime] | None:
        """
        Give the planned work that this belongs to now, and when all of it ends.

        Of several windows the one that ends last; one that is on then prolongs it.
        """
        meant = [
            window
            for window in self.maintenance
            if window.match.misses(source, labels, severity, tenant_id) is None
        ]
        found = _last(meant, now)
        if found is None:
            return None
        window, end = found
        for _ in range(_MOST_WINDOWS):
            following = _last(meant, end)
            if following is None:
                break
            end = following[1]
        return window, end


def _last(windows: Sequence[Window], now: datetime) -> tuple[Window, datetime] | None:
    """Give the window that is on and ends last."""
    ends = [(one, end) for one in windows if (end := one.end(now)) is not None]
    return max(ends, key=lambda one: one[1]) if ends else None


@dataclass(slots=True)
class LiveRoutes:
    """
    The routes that hold now, read anew while the process runs.

    ``load`` reads the file; a text that does not load leaves the old routes in place.
    """

    load: Callable[[], Routes]
    now: Routes
    error: str = ""

    def reload(self) -> bool:
        """Read them anew; False, with ``error``, if the text does not load."""
        try:
            self.now = self.load()
        except (PolicyError, OSError) as exc:
            self.error = str(exc)
            return False
        self.error = ""
        return True


def load_routes(
    path: Path, agents: Agents, *, sources: Collection[str] | None = None
) -> Routes:
    """
    Read ``routes.yaml``; ``sources`` are those that it may name, None any.

    Raises:
        PolicyError: with file, line and mend.
    """
    where = str(path)
    text = decode(path.read_bytes(), path=where)
    found = parse_yaml(text, _File, path=where)
    lines = lines_of(text, "routes")
    routes = tuple(
        _route(row, agents, path=where, line=line)
        for row, line in zip(found.routes, lines, strict=True)
    )
    _check_ids("routes", [one.id for one in routes], lines, path=where)
    if not routes[-1].match.is_everything:
        raise PolicyError(
            where,
            lines[-1],
            what="the last route must match everything, so that no alert is lost",
            mend="end with `match: {}`",
        )
    windows = lines_of(text, "maintenance") if found.maintenance else ()
    if sources is not None:
        matches = [one.match for one in found.routes]
        matches += [one.match for one in found.maintenance]
        _check_sources(matches, [*lines, *windows], sources, path=where)
    planned = [one.id for one in found.maintenance]
    _check_ids("maintenance windows", planned, windows, path=where)
    return Routes(
        routes,
        StormRules(**found.storm.model_dump()),
        tuple(
            make_window(row, path=where, line=line)
            for row, line in zip(found.maintenance, windows, strict=True)
        ),
    )


def _check_sources(
    matches: Sequence[MatchRow],
    lines: Sequence[int],
    sources: Collection[str],
    *,
    path: str,
) -> None:
    """Refuse a source that sends nothing: its route would never be taken."""
    for match, line in zip(matches, lines, strict=True):
        if match.source not in {None, *sources}:
            raise PolicyError(
                path,
                line,
                what=f"no source is called {match.source}",
                mend=f"use one of {', '.join(sorted(sources))}",
            )


def _check_ids(
    what: str, ids: Sequence[str], lines: Sequence[int], *, path: str
) -> None:
    """Refuse a second one of one id: routes' groups would be one."""
    for place, name in enumerate(ids):
        if name in ids[:place]:
            raise PolicyError(
                path,
                lines[place],
                what=f"there are two {what} {name}",
                mend="give each its own id",
            )


def _route(row: _Row, agents: Agents, *, path: str, line: int) -> Route:
    agent = _agent(row, agents, path=path, line=line)
    for one in row.people:
        if not re.fullmatch(r"[UWS][A-Z0-9]{2,}", one):
            raise PolicyError(
                path,
                line,
                what=f"{one} is no id of a Slack user or user group",
                mend="write U…, W… or S…, as Slack shows it in a profile",
            )
    debounce = timedelta(seconds=row.debounce_seconds)
    longest = (
        debounce * _MOST_DEBOUNCES
        if row.longest_wait_seconds is None
        else timedelta(seconds=row.longest_wait_seconds)
    )
    if longest < debounce:
        raise PolicyError(
            path,
            line,
            what=f"longest_wait_seconds {row.longest_wait_seconds} is under the "
            f"debounce of {row.debounce_seconds}",
            mend="make it as long at least, or leave it out",
        )
    return Route(
        id=row.id,
        match=make_match(row.match, path=path, line=line),
        environment=row.environment,
        kind=row.kind,
        agent=agent,
        channel=row.channel,
        people=tuple(row.people),
        quiet_seconds=row.quiet_seconds,
        group_by=tuple(tuple(one.split("|")) for one in row.group_by),
        waits=Waits(debounce, longest, timedelta(seconds=row.cool_down_seconds)),
        most_fixes=row.most_fixes,
        fix_window=timedelta(seconds=row.fix_window_seconds),
    )


def _agent(row: _Row, agents: Agents, *, path: str, line: int) -> Agent:
    name, _, version = row.agent.partition("/")
    is_number = version.isdecimal() and len(version) <= _MOST_DIGITS
    agent = agents.get((name, int(version))) if is_number else None
    if agent is None:
        known = ", ".join(sorted(f"{one}/{number}" for one, number in agents))
        raise PolicyError(
            path,
            line,
            what=f"agent {row.agent[:100]} does not exist",
            mend=f"use one of {known}",
        )
    if row.kind not in agent.kinds:
        raise PolicyError(
            path,
            line,
            what=f"agent {row.agent} does not take tasks of kind {row.kind}",
            mend=f"it takes {', '.join(agent.kinds)}",
        )
    return agent
