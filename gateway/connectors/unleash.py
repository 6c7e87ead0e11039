"""
Unleash 5 to 7, admin API: flags of one project in one environment.

Unleash has no conditional write: the state is read and compared right before, and what
somebody changes in the milliseconds between is not seen. So a write is not repeatable.
One change may take several requests; a failure between them leaves it unknown.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, JsonValue, ValidationError

from gateway.connectors.breaker import CircuitOpen
from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit
from gateway.connectors.unleash_state import (
    FlagEnvironment,
    KnownStrategy,
    Request,
    Strategy,
    check_reachable,
    parse_former,
    plan,
    with_rollout,
)
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    StateMoved,
    Unreadable,
)
from gateway.subjects import FlagList, FlagState

_MOST_EVENTS = 50
_MOST_FLAGS = 50
_MOST_AT_ONCE = 8
_NAME = re.compile(r"[A-Za-z0-9_.~-]{1,100}")
# What changes the state of a flag in an environment.
_CHANGES = frozenset(
    {
        "feature-strategy-update",
        "feature-strategy-add",
        "feature-strategy-remove",
        "feature-environment-enabled",
        "feature-environment-disabled",
        "strategy-order-changed",
    }
)


class _Environment(BaseModel):
    name: str
    enabled: bool
    strategies: list[KnownStrategy] = []

    @property
    def state(self) -> FlagEnvironment:
        return FlagEnvironment(enabled=self.enabled, strategies=tuple(self.strategies))


class _Feature(BaseModel):
    name: str
    createdAt: datetime  # noqa: N815 - Unleash's own name
    environments: list[_Environment]


class _Found(BaseModel):
    name: str


class _Features(BaseModel):
    features: list[_Found]
    total: int


class _Change(BaseModel):
    type: str
    createdAt: datetime  # noqa: N815 - Unleash's own name
    createdBy: str  # noqa: N815 - Unleash's own name
    environment: str | None = None
    preData: JsonValue = None  # noqa: N815 - Unleash's own name


class _Changes(BaseModel):
    events: list[_Change]


class _Tag(BaseModel):
    type: str
    value: str


class _Tags(BaseModel):
    tags: list[_Tag]


class Unleash:
    """
    Fulfils ``Flags``.

    ``service_tag`` is the type of the tags that name a flag's service; without one
    every flag of the project is listed for any service, and is itself of none.
    """

    repeatable = False

    def __init__(
        self, api: Api, *, project: str, environment: str, service_tag: str | None
    ) -> None:
        self._api = api
        self._project = project
        self._environment = environment
        self._service_tag = service_tag

    async def get(self, key: str) -> FlagState:
        first, *others = await self._services(key) or [""]
        return replace(await self._state(key, first), also_of=tuple(others))

    async def list_of(self, service: str) -> FlagList:
        """Give the first fifty flags of the service, and how many there are more."""
        wanted: dict[str, str | int | float] = {
            "project": f"IS:{self._project}",
            "limit": _MOST_FLAGS,
        }
        if self._service_tag is not None:
            _check_name(service, what="service")
            wanted["tag"] = f"INCLUDE:{self._service_tag}:{service}"
        raw = await self._api.read("/api/admin/search/features", wanted)
        found = fit(_Features, raw, what=f"unleash: flags of {service}")
        flags = await self._states([one.name for one in found.features], service)
        return FlagList(flags, max(0, found.total - len(flags)))

    async def set(
        self,
        key: str,
        *,
        enabled: bool,
        rollout_percent: int,
        former: str,
        seen_version: int,
        idempotency_key: str,
    ) -> FlagState:
        del idempotency_key  # see the module: nothing here would honour it
        before = await self._before(key)
        if before.state.version != seen_version:
            raise StateMoved(f"unleash {key}: changed since it was seen")
        wanted = (
            parse_former(former)
            if former
            else with_rollout(
                before.state, key, enabled=enabled, percent=rollout_percent
            )
        )
        check_reachable(wanted)
        await self._change(key, before, wanted)
        state = await self._after(key)
        if former and state.former != wanted.canonical:
            raise OutcomeUnknown(
                f"unleash {key}: was written, and is not in the exact former state; "
                "compare its strategies by hand"
            )
        return state

    def after(
        self, key: str, former: str, *, enabled: bool, rollout_percent: int
    ) -> str:
        now = parse_former(former)
        return with_rollout(
            now, key, enabled=enabled, percent=rollout_percent
        ).canonical

    async def _change(
        self, key: str, before: _Environment, wanted: FlagEnvironment
    ) -> None:
        """
        Send what is needed, one request after the other.

        Raises:
            OutcomeUnknown: also where a later request failed after an earlier one
                went through.
        """
        requests = plan(before.strategies, wanted.strategies)
        if before.enabled and not wanted.enabled:
            requests = (Request("POST", "/off"), *requests)
        done = 0
        try:
            for one in requests:
                await self._send(key, one)
                done += 1
            # Changing strategies may have switched the environment off.
            if wanted.enabled and not (await self._read(key)).enabled:
                await self._send(key, Request("POST", "/on"))
                done += 1
        except ConnectorError as exc:
            if done == 0:
                raise _as_write(exc) from exc
            raise OutcomeUnknown(
                f"unleash {key}: failed after {done} of its requests: {exc}",
                retry_after=exc.retry_after,
            ) from exc

    async def _send(self, key: str, request: Request) -> None:
        where = f"{self._path(key)}/environments/{segment(self._environment)}"
        await self._api.send(request.method, f"{where}{request.path}", request.body)

    async def _before(self, key: str) -> _Environment:
        try:
            return await self._read(key)
        except CircuitOpen:
            raise
        except Unreadable as exc:
            raise NothingSent(
                f"not written, because not readable: {exc}", retry_after=exc.retry_after
            ) from exc

    async def _after(self, key: str) -> FlagState:
        try:
            return await self.get(key)
        except Unreadable as exc:
            raise OutcomeUnknown(f"written, and then not readable: {exc}") from exc

    async def _states(self, keys: Sequence[str], service: str) -> list[FlagState]:
        """Read several at once: one after the other would take seconds."""
        free = asyncio.Semaphore(_MOST_AT_ONCE)

        async def read(key: str) -> FlagState:
            async with free:
                return await self._state(key, service)

        try:
            async with asyncio.TaskGroup() as group:
                reading = [group.create_task(read(key)) for key in keys]
        except ExceptionGroup as failed:
            first = failed.exceptions[0]
            if not isinstance(first, Unreadable):
                raise
            raise Unreadable(
                f"unleash: flags of {service}: {first}", retry_after=first.retry_after
            ) from failed
        return [one.result() for one in reading]

    async def _state(self, key: str, service: str) -> FlagState:
        feature = await self._feature(key)
        now = self._pick(feature).state
        changes = await self._changes(key)
        last = changes[0] if changes else None
        return FlagState(
            key=key,
            service=service,
            enabled=now.enabled,
            rollout_percent=now.percent,
            version=now.version,
            changed_at=(last.createdAt if last else feature.createdAt).timestamp(),
            changed_by=last.createdBy if last else "",
            previous_rollout_percent=_previous(changes),
            former=now.canonical,
            named_percent=now.named_percent,
            only_named=now.only_named,
        )

    async def _feature(self, key: str) -> _Feature:
        raw = await self._api.read(self._path(key))
        return fit(_Feature, raw, what=f"unleash: flag {key}")

    async def _read(self, key: str) -> _Environment:
        return self._pick(await self._feature(key))

    async def _changes(self, key: str) -> list[_Change]:
        """Give what changed the flag in our environment, newest first."""
        raw = await self._api.read(
            "/api/admin/search/events",
            {"feature": f"IS:{key}", "limit": _MOST_EVENTS},
        )
        found = fit(_Changes, raw, what=f"unleash: events of {key}").events
        return [
            one
            for one in found
            if one.environment == self._environment and one.type in _CHANGES
        ]

    async def _services(self, key: str) -> list[str]:
        if self._service_tag is None:
            return []
        _check_name(key, what="flag")
        raw = await self._api.read(f"/api/admin/features/{segment(key)}/tags")
        tags = fit(_Tags, raw, what=f"unleash: tags of {key}").tags
        return [one.value for one in tags if one.type == self._service_tag]

    def _path(self, key: str) -> str:
        _check_name(key, what="flag")
        project = segment(self._project)
        return f"/api/admin/projects/{project}/features/{segment(key)}"

    def _pick(self, feature: _Feature) -> _Environment:
        for one in feature.environments:
            if one.name == self._environment:
                return one
        raise Unreadable(
            f"unleash: flag {feature.name} has no environment {self._environment}"
        )


def _previous(changes: Sequence[_Change]) -> int | None:
    """Give the rollout before the newest change of a strategy."""
    for one in changes:
        if one.type == "feature-strategy-update" and one.preData is not None:
            try:
                return Strategy.model_validate(one.preData).percent
            except ValidationError:
                return None
    return None


def _as_write(error: ConnectorError) -> ConnectorError:
    """Say of a failed read-back, before which nothing was sent, that nothing was."""
    if isinstance(error, Unreadable) and not isinstance(error, NothingSent):
        return NothingSent(str(error), retry_after=error.retry_after)
    return error


def _check_name(name: str, *, what: str) -> None:
    """Refuse what is no name in Unleash, and would mean something in a filter."""
    if _NAME.fullmatch(name) is None or name in {".", ".."}:
        raise Unreadable(f"unleash: {name[:100]!r} is no name of a {what}")
