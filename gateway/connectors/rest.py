"""
A system described in YAML: one engine that fills requests and reads answers.

``{name}`` in a path is a percent-encoded segment; in the query it is text; a body's
string that is nothing but ``{name}`` becomes the argument itself, with its type.
Each field of a subject is a JMESPath expression over the answer, or its own name. A
system that gives no version gets one: a hash of its fields, but for what is measured
and so changes by itself; what has ids of its own (backfills) counts by these.

A write sends the version seen and the idempotency key in the headers that the
configuration names. Where it names no header for the version, the state is read and
compared right before. After each write the state is read again.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, cast

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import JsonValue, TypeAdapter

from gateway.connectors.breaker import CircuitOpen
from gateway.connectors.http import Api
from gateway.connectors.last_instant import LAST_SECOND, is_last
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit_value
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)

Arguments = Mapping[str, JsonValue]

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_VERSION_BYTES = 6
# The year 5138; in milliseconds 1973.
_MOST_SECONDS = 1e11


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


Subject = TypeVar("Subject")
State = TypeVar("State", bound=Versioned)


_WHOLE = TypeAdapter(int)
# Instants that their name does not tell.
_INSTANTS = frozenset({"at", "gaps"})
# Instants of which None is "for ever".
_ENDLESS = frozenset({"banned_until"})
# Measured fields of the subjects: they move while nobody writes.
_MEASURED = frozenset(
    {
        "actions_last_hour",
        "audience",
        "failed_logins_last_hour",
        "followers",
        "gaps",
        "in_rate",
        "lag",
        "lag_seconds",
        "last_login_at",
        "members",
        "out_rate",
        "people_last_hour",
        "posts_last_day",
        "recent_content",
        "repliers_last_hour",
        "replies_last_hour",
        "reports",
        "thread_size",
        "reports_last_day",
        "rows_per_second",
        "views_last_hour",
        "watermark_at",
    }
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One request; see ``gateway.connector_config.RestOperation``."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: JsonValue = None
    fields: Mapping[str, str] = field(default_factory=dict)
    rows: str = "@"


@dataclass(frozen=True, slots=True)
class RestPort:
    """The operations of one port, by name."""

    api: Api
    operations: Mapping[str, Operation]
    version_header: str | None = None
    key_header: str | None = None

    @property
    def repeatable(self) -> bool:
        return self.version_header is not None or self.key_header is not None


class Reader(Generic[Subject]):
    """Reads one kind of subject, a frozen dataclass, by one operation."""

    def __init__(self, port: RestPort, name: str, subject: type[Subject]) -> None:
        self._api = port.api
        self._operation = port.operations[name]
        self._what = f"{port.api.name} {name}"
        every = dataclasses.fields(subject)  # type: ignore[arg-type]
        self._names = [one.name for one in every]
        self._optional = {
            one.name for one in every if one.default is not dataclasses.MISSING
        }
        self._one = TypeAdapter(subject)

    async def read(self, arguments: Arguments) -> Subject:
        """
        Give one subject.

        Raises:
            Unreadable: no answer, or one that does not fit.
        """
        return self._subject(await ask(self._api, self._operation, arguments))

    async def read_rows(self, arguments: Arguments) -> Sequence[Subject]:
        """Give the subjects of the operation's ``rows``."""
        raw = await ask(self._api, self._operation, arguments)
        rows = pick(self._operation.rows, raw, what=self._what)
        if not isinstance(rows, list):
            raise Unreadable(f"{self._what}: `rows` finds no list")
        return [self._subject(one) for one in rows]

    def _subject(self, raw: object) -> Subject:
        told = {
            name: _within_years(
                name,
                pick(self._operation.fields.get(name, name), raw, what=self._what),
            )
            for name in self._names
        }
        # What a map need not know is as its subject has it.
        for name in self._optional:
            if told[name] is None:
                del told[name]
        if "version" in told and told["version"] is None:
            told["version"] = _version_of(told)
        found = fit_value(self._one, told, what=self._what)
        _check_instants(self._one.dump_python(found), what=self._what)
        return found


class Writer(Generic[State]):
    """Writes by one operation, and reads the new state by another."""

    def __init__(self, port: RestPort, name: str, reader: Reader[State]) -> None:
        self._port = port
        self._operation = port.operations[name]
        self._reader = reader

    async def write(
        self,
        target: Arguments,
        values: Arguments,
        *,
        seen_version: int,
        idempotency_key: str,
    ) -> State:
        """
        Write once; ``target`` alone says what is read.

        Raises:
            NothingSent, StateMoved, Refused, OutcomeUnknown: as every write.
        """
        headers = self._headers(seen_version, idempotency_key)
        if self._port.version_header is None:
            await self._check(target, seen_version)
        await send(self._port.api, self._operation, {**target, **values}, headers)
        try:
            return await self._reader.read(target)
        except Unreadable as exc:
            raise OutcomeUnknown(f"written, and then not readable: {exc}") from exc

    def _headers(self, seen_version: int, idempotency_key: str) -> dict[str, str]:
        given = {
            self._port.version_header: str(seen_version),
            self._port.key_header: idempotency_key,
        }
        return {name: value for name, value in given.items() if name is not None}

    async def _check(self, target: Arguments, seen_version: int) -> None:
        try:
            now = await self._reader.read(target)
        except CircuitOpen:
            raise
        except Unreadable as exc:
            raise NothingSent(
                f"not written, because not readable: {exc}", retry_after=exc.retry_after
            ) from exc
        if now.version != seen_version:
            raise StateMoved(f"{self._port.api.name}: changed since it was seen")


async def count(port: RestPort, name: str, arguments: Arguments) -> int:
    """
    Give the whole number under the operation's field ``count``: a dry run.

    Raises:
        Refused: the system would not do it.
        Unreadable: it says nothing that could be read.
    """
    operation = port.operations[name]
    what = f"{port.api.name} {name}"
    try:
        raw = (
            await ask(port.api, operation, arguments)
            if operation.method == "GET"
            else await send(port.api, operation, arguments, {})
        )
    except Refused:
        raise
    except ConnectorError as exc:
        raise Unreadable(f"{what}: {exc}", retry_after=exc.retry_after) from exc
    told = pick(operation.fields.get("count", "count"), raw, what=what)
    if not isinstance(told, int) or isinstance(told, bool):
        raise Unreadable(f"{what}: `count` finds no whole number")
    return fit_value(_WHOLE, told, what=what)


async def ask(api: Api, operation: Operation, arguments: Arguments) -> object:
    path = fill_path(operation.path, arguments)
    query = {name: fill_text(text, arguments) for name, text in operation.query.items()}
    return await api.read(path, query)


async def send(
    api: Api, operation: Operation, arguments: Arguments, headers: Mapping[str, str]
) -> object:
    path = fill_path(operation.path, arguments)
    query = {name: fill_text(text, arguments) for name, text in operation.query.items()}
    body = fill_body(operation.body, arguments)
    return await api.send(operation.method, path, body, params=query, headers=headers)


def fill_path(template: str, arguments: Arguments) -> str:
    """Put arguments in, each as one encoded segment."""
    return _PLACEHOLDER.sub(lambda hit: segment(_text(arguments[hit[1]])), template)


def fill_text(template: str, arguments: Arguments) -> str:
    return _PLACEHOLDER.sub(lambda hit: _text(arguments[hit[1]]), template)


def fill_body(template: JsonValue, arguments: Arguments) -> JsonValue:
    """Put arguments in; a string that is one placeholder becomes the value itself."""
    if isinstance(template, dict):
        return {key: fill_body(one, arguments) for key, one in template.items()}
    if isinstance(template, list):
        return [fill_body(one, arguments) for one in template]
    if not isinstance(template, str):
        return template
    whole = _PLACEHOLDER.fullmatch(template)
    return arguments[whole[1]] if whole else fill_text(template, arguments)


def pick(expression: str, raw: object, *, what: str) -> JsonValue:
    """
    Evaluate JMESPath over an answer.

    Raises:
        Unreadable: a function in it met a value of another type.
    """
    try:
        return cast("JsonValue", jmespath.search(expression, raw))
    except JMESPathError as exc:
        raise Unreadable(f"{what}: {expression}: {type(exc).__name__}") from exc


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _check_instants(value: object, *, what: str, name: str = "") -> None:
    """Refuse what would be an instant of the far future: milliseconds, as a rule."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            _check_instants(one, what=what, name=key)
    elif isinstance(value, list | tuple):
        for one in value:
            _check_instants(one, what=what, name=name)
    elif isinstance(value, int | float) and _is_no_instant(name, value):
        raise Unreadable(
            f"{what}: {name}: no instant in Unix seconds (milliseconds?); have the "
            "system give seconds"
        )


def _is_no_instant(name: str, value: float) -> bool:
    return _names_instant(name) and not (
        abs(value) < _MOST_SECONDS or value == LAST_SECOND
    )


def _names_instant(name: str) -> bool:
    return name in _INSTANTS or name.endswith(("_at", "_until"))


def _within_years(name: str, value: JsonValue) -> JsonValue:
    """Leave out what the last second of year 9999 has beyond it, or that it ends."""
    if not _names_instant(name) or isinstance(value, str) or not is_last(value):
        return value
    return None if name in _ENDLESS else LAST_SECOND


def _version_of(told: Mapping[str, JsonValue]) -> int:
    """Make a version of what people set; of parts with an id, by which there are."""
    return _hash(
        {name: _by_ids(one) for name, one in told.items() if name not in _MEASURED}
    )


def _by_ids(value: JsonValue) -> JsonValue:
    """Give a list's ids where each part has one: how far it is has changed nothing."""
    parts = value if isinstance(value, list) else []
    ids = [one.get("id") for one in parts if isinstance(one, dict)]
    if len(ids) != len(parts) or None in ids or not ids:
        return value
    return [*sorted(map(str, ids))]


def _hash(told: Mapping[str, JsonValue]) -> int:
    text = json.dumps(told, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:_VERSION_BYTES])
