"""
One flag in one Unleash environment: its exact state, and the requests that change it.

Pure. The canonical form is JSON text without ids (a strategy that is made again gets
another one), so that two states are equal exactly if their texts are, and the version
is a hash of it. A rollout is what the widest open strategy gives that is for all; where
each names its people by constraints or segments, what the widest of those gives.
Changing it opens no strategy further than that, and keeps all else of each. Order of
the requests: off comes first, on comes last, and a strategy goes only after its
successors are there, because Unleash switches an environment off that has no open
strategy left.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from gateway.ports import Refused

_ALL = 100
_VERSION_BYTES = 6
_FLEXIBLE = "flexibleRollout"
# Deprecated kinds that still roll out to a part: the parameter that says how much.
_LEGACY = ("gradualRolloutUserId", "gradualRolloutSessionId", "gradualRolloutRandom")


class Strategy(BaseModel):
    """One activation strategy, all of it that can be written."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str | None = None
    disabled: bool | None = False
    constraints: list[JsonValue] = []
    parameters: dict[str, JsonValue] = {}
    segments: list[int] = []
    variants: list[JsonValue] = []
    sortOrder: float | None = None  # noqa: N815 - Unleash's own name

    @property
    def percent(self) -> int | None:
        """Say to how many per cent it opens; None where it names its people."""
        if self.disabled:
            return None
        if self.name == "default":
            return _ALL
        parameter = "rollout" if self.name == _FLEXIBLE else "percentage"
        if self.name != _FLEXIBLE and self.name not in _LEGACY:
            return None
        try:
            opens = float(str(self.parameters.get(parameter, _ALL)))
        except ValueError:
            return _ALL
        return round(min(max(opens, 0.0), _ALL)) if math.isfinite(opens) else _ALL

    @property
    def is_for_all(self) -> bool:
        """Tell whether it opens to a part of all users, and of nobody in particular."""
        return self.percent is not None and not (self.constraints or self.segments)


class KnownStrategy(Strategy):
    id: str


class FlagEnvironment(BaseModel):
    model_config = ConfigDict(frozen=True)

    enabled: bool
    strategies: tuple[Strategy, ...] = ()

    @property
    def percent(self) -> int:
        return _widest(self.strategies, for_all=not self.only_named)

    @property
    def named_percent(self) -> int:
        """Give how far it opens to those whom constraints or segments name."""
        return _widest(self.strategies, for_all=False)

    @property
    def only_named(self) -> bool:
        """Tell whether it opens to named people alone, to a part of them."""
        opens = [one for one in self.strategies if one.percent is not None]
        return bool(opens) and not any(one.is_for_all for one in opens)

    @property
    def canonical(self) -> str:
        ordered = sorted(self.strategies, key=lambda one: one.sortOrder or 0)
        plain = {
            "enabled": self.enabled,
            "strategies": [one.model_dump(exclude={"id"}) for one in ordered],
        }
        return json.dumps(
            plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    @property
    def version(self) -> int:
        digest = hashlib.sha256(self.canonical.encode()).digest()
        return int.from_bytes(digest[:_VERSION_BYTES])


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` goes after the environment's own."""

    method: str
    path: str
    body: dict[str, JsonValue] | None = None


def parse_former(text: str) -> FlagEnvironment:
    """
    Read a canonical form back.

    Raises:
        Refused: it is none; nothing was sent.
    """
    try:
        return FlagEnvironment.model_validate_json(text)
    except ValidationError as exc:
        raise Refused(
            "unleash: the former state can't be read; set it by hand"
        ) from exc


def with_rollout(
    now: FlagEnvironment, key: str, *, enabled: bool, percent: int
) -> FlagEnvironment:
    """
    Give the state with another rollout.

    The widest strategies for all get ``percent``, or those for named people where there
    are no others; a narrower one never opens further than that.
    """
    widest, for_all = now.percent, not now.only_named
    changed = tuple(
        _narrowed(
            one,
            key,
            percent
            if (one.percent, one.is_for_all) == (widest, for_all)
            else min(one.percent, percent),
        )
        if one.percent is not None
        else one
        for one in now.strategies
    )
    if percent and all(one.percent is None for one in changed):
        last = max((one.sortOrder or 0.0 for one in changed), default=-1.0)
        changed = (
            *changed,
            _flexible(Strategy(name=_FLEXIBLE), key, percent, last + 1),
        )
    return FlagEnvironment(enabled=enabled, strategies=changed)


def plan(
    now: Sequence[KnownStrategy], wanted: Sequence[Strategy]
) -> tuple[Request, ...]:
    """Give the requests that turn the one list of strategies into the other."""
    here = sorted(now, key=lambda one: one.sortOrder or 0)
    there = sorted(wanted, key=lambda one: one.sortOrder or 0)
    both = list(zip(here, there, strict=False))
    return (
        *(
            Request("PUT", f"/strategies/{old.id}", _body(new))
            for old, new in both
            if _body(old) != _body(new)
        ),
        *(Request("POST", "/strategies", _body(new)) for new in there[len(here) :]),
        *(Request("DELETE", f"/strategies/{old.id}") for old in here[len(there) :]),
    )


def check_reachable(wanted: FlagEnvironment) -> None:
    """
    Refuse a state that Unleash would not keep.

    Raises:
        Refused: switched on without an open strategy: Unleash would add one to all.
    """
    if wanted.enabled and all(one.disabled for one in wanted.strategies):
        raise Refused(
            "unleash: switched on without an open strategy, Unleash would open the "
            "flag to everybody; change it in Unleash itself"
        )


def _widest(strategies: Sequence[Strategy], *, for_all: bool) -> int:
    """Give the widest rollout of those for all, or of those for named people."""
    found = [
        one.percent
        for one in strategies
        if one.percent is not None and one.is_for_all is for_all
    ]
    return max(found, default=0)


def _narrowed(strategy: Strategy, key: str, percent: int) -> Strategy:
    if percent == strategy.percent:
        return strategy
    if strategy.name in _LEGACY:
        return strategy.model_copy(
            update={"parameters": {**strategy.parameters, "percentage": str(percent)}}
        )
    return _flexible(strategy, key, percent, strategy.sortOrder)


def _flexible(
    strategy: Strategy, key: str, percent: int, sort_order: float | None
) -> Strategy:
    parameters = {"stickiness": "default", "groupId": key, **strategy.parameters}
    return strategy.model_copy(
        update={
            "name": _FLEXIBLE,
            "parameters": {**parameters, "rollout": str(percent)},
            "sortOrder": sort_order,
        }
    )


def _body(strategy: Strategy) -> dict[str, JsonValue]:
    return strategy.model_dump(exclude={"id"})
