"""apply_friction: slow people down at a target, until an instant."""

from typing import Literal

from pydantic import Field

from gateway.ports import Ports, Refused
from gateway.registry import (
    INTERNAL,
    UNDO,
    Estimate,
    Order,
    Settled,
    Strict,
    Verification,
    WriteTool,
)
from gateway.subjects import FrictionState
from gateway.tools.instant import Instant, instant_of, say
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque, UnixSeconds
from policy.tool_spec import ToolCategory

TARGET = r"^(content|user|gathering):[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$"
LONGEST_SECONDS = 7 * 86_400.0
# Below this pace (actions an hour) there is no burst to bring down.
CALM_PER_HOUR = 60


class FrictionParams(Strict):
    """``restores`` marks a former friction: one that is over by then is none."""

    target: str = Field(pattern=TARGET, title="Target")
    friction_type: Literal["slow_mode", "confirm", "followers_only", "none"] = Field(
        title="Friction", description="none lifts it"
    )
    expires_at: Instant | None = Field(
        default=None,
        title="Until",
        description="at most 7 days ahead; empty only for none",
        json_schema_extra={
            "x-unit": "UTC",
            "x-ahead-seconds": [1.0, LONGEST_SECONDS],
            "x-empty-only-for": {"friction_type": "none"},
        },
    )
    restores: bool = Field(default=False, json_schema_extra=INTERNAL)

    @property
    def ends_at(self) -> float | None:
        return None if self.expires_at is None else self.expires_at.timestamp()


class FrictionTarget(Strict):
    """
    The friction as observed; ``actions_last_hour`` is the pace it meets.

    ``observed_at`` (Unix seconds) tells what had run out; rows of older releases have
    none.
    """

    target: str
    friction_type: str | None
    expires_at: UnixSeconds | None
    people_last_hour: Count
    actions_last_hour: Count
    observed_at: UnixSeconds | None = None
    version: Opaque


def title(params: FrictionParams) -> str:
    if params.friction_type == "none":
        return f"Lift the friction on {params.target}"
    return f"Put {params.friction_type} on {params.target} until {say(params.ends_at)}"


async def observe(params: FrictionParams, ports: Ports) -> FrictionTarget:
    return _seen(await ports.frictions.get(params.target), ports)


async def estimate(
    params: FrictionParams, before: FrictionTarget, ports: Ports
) -> Estimate:
    """Measure the people who would have met it within the last hour."""
    _check_end(params, ports.now())
    people, actions = before.people_last_hour, before.actions_last_hour
    lifts = params.friction_type == "none"
    cost = "meet no friction any more" if lifts else f"meet {params.friction_type}"
    return Estimate(
        amount=people,
        unit="people",
        text=f"{people:,} people with {actions:,} actions an hour at {before.target}",
        cost=f"{people:,} people {cost}",
    )


def describe(params: FrictionParams, before: FrictionTarget) -> tuple[str, str]:
    return (
        _say(before.friction_type, before.expires_at),
        _say(_meant(params), params.ends_at),
    )


async def execute(
    params: FrictionParams, before: FrictionTarget, ports: Ports, order: Order
) -> FrictionTarget:
    kind = _meant(params)
    if params.restores and params.ends_at is not None and params.ends_at <= ports.now():
        kind = None
    found = await ports.frictions.set(
        params.target,
        friction_type=kind,
        expires_at=params.ends_at if kind else None,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return _seen(found, ports)


def reconcile(
    params: FrictionParams, before: FrictionTarget, now: FrictionTarget
) -> Settled:
    """
    Judge a read-back; what ran out by itself keeps its version, on most systems.

    Where the version moves with it, one that is gone once its end is over is taken to
    have run out: a former one that still has time to run is then put back. Who lifted
    it before by hand is not told from that: the former one comes back then as well.
    """
    if now.version == before.version:
        ran_out = before.friction_type is not None and now.friction_type is None
        gone = ran_out and _meant(params) is None
        return Settled.applied if gone else Settled.not_applied
    if _holds(params, now):
        return Settled.applied
    ran_out = now.friction_type is None and _is_over(before.expires_at, now)
    return Settled.not_applied if params.restores and ran_out else Settled.unknown


async def verify(
    params: FrictionParams, before: FrictionTarget, ports: Ports
) -> Verification:
    """Verified when it holds and the pace has halved, or was calm before."""
    now = await observe(params, ports)
    pace = now.actions_last_hour
    measures = {"actions_last_hour": float(pace)}
    if not _holds(params, now):
        text = f"{now.target} has {_say(now.friction_type, now.expires_at)} again"
        return Verification(done=False, text=text, measures=measures)
    was = before.actions_last_hour
    calmed = pace <= was / 2 or was < CALM_PER_HOUR
    text = f"{now.target}: {pace:,} actions an hour, {was:,} before"
    done = True if now.friction_type is None else calmed or None
    return Verification(done=done, text=text, measures=measures)


def already(params: FrictionParams, before: FrictionTarget) -> str | None:
    """A later end is a new one: only the same kind until the same instant is there."""
    meant, end = _meant(params), params.ends_at if _meant(params) else None
    stands = (before.friction_type, before.expires_at if before.friction_type else None)
    if params.restores or (meant, end) != stands:
        return None
    return f"{before.target} has {_say(before.friction_type, before.expires_at)}"


def undo(params: FrictionParams, before: FrictionTarget) -> FrictionParams:
    end = before.expires_at if before.friction_type else None
    return FrictionParams.model_validate(
        {
            "target": params.target,
            "friction_type": before.friction_type or "none",
            "expires_at": None if end is None else instant_of(end),
            "restores": True,
        }
    )


def expires_at(params: FrictionParams) -> float | None:
    return params.ends_at if params.friction_type != "none" else None


def _check_end(params: FrictionParams, now: float) -> None:
    if params.friction_type == "none" or params.restores:
        return
    end = params.ends_at
    if end is None or not now < end <= now + LONGEST_SECONDS:
        raise Refused(
            f"expires_at {say(end)} is not within the next 7 days; "
            f"it is {say(now)} now, choose a later instant of these days"
        )


def _meant(params: FrictionParams) -> str | None:
    return None if params.friction_type == "none" else params.friction_type


def _holds(params: FrictionParams, now: FrictionTarget) -> bool:
    if now.friction_type is None:
        over = params.restores and _is_over(params.ends_at, now)
        return _meant(params) is None or over
    return (now.friction_type, now.expires_at) == (_meant(params), params.ends_at)


def _is_over(end: float | None, now: FrictionTarget) -> bool:
    """Tell whether what ends then had run out when the target was seen."""
    return end is not None and now.observed_at is not None and end <= now.observed_at


def _seen(found: FrictionState, ports: Ports) -> FrictionTarget:
    return pick(FrictionTarget, found, observed_at=float(int(ports.now())))


def _say(kind: str | None, end: float | None) -> str:
    if kind is None:
        return "no friction"
    return f"{kind} until {say(end)}" if end is not None else kind


APPLY_FRICTION = WriteTool(
    name="apply_friction",
    version=1,
    category=ToolCategory.write_reversible,
    params=FrictionParams,
    state=FrictionTarget,
    target_params=("target",),
    reason_codes=("dogpile", "harassment", "spam", UNDO),
    port=lambda ports: ports.frictions,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
    undo=undo,
    expires_at=expires_at,
    # A burst grows while people read its card.
    growth_ratio=3.0,
)
