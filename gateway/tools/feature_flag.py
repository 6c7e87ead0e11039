"""toggle_feature_flag: set state and rollout, if the flag is still as it was seen."""

from pydantic import Field

from gateway.ports import Ports, Refused, Unreadable
from gateway.registry import (
    INTERNAL,
    Estimate,
    Order,
    Settled,
    Strict,
    Verification,
    WriteTool,
    personal,
)
from gateway.tools.health import is_well, measures_of, read_load, say_health
from gateway.tools.picked import pick
from gateway.tools.quantity import Opaque, Percent
from policy.names import NAME
from policy.tool_spec import ToolCategory

_NAMED = "of those its constraints name"


_ALL = 100


class FlagParams(Strict):
    """
    ``former`` is the system's own form of a state, restored exactly by an undo.

    ``named_percent`` and ``only_named`` are that state's (``FlagTarget``), None where a
    release before stored it.
    """

    flag_key: str = Field(pattern=NAME, title="Flag")
    enabled: bool = Field(title="On")
    rollout_percent: int = Field(
        ge=0, le=100, title="Rollout", json_schema_extra={"x-unit": "% of users"}
    )
    former: str = Field(
        default="", max_length=20_000, json_schema_extra=INTERNAL | personal("former")
    )
    named_percent: int | None = Field(
        default=None, ge=0, le=100, json_schema_extra=INTERNAL | {"x-unit": "%"}
    )
    only_named: bool | None = Field(default=None, json_schema_extra=INTERNAL)


class FlagTarget(Strict):
    """
    The flag as observed.

    ``named_percent``: how far it opens to those whom its constraints name.
    ``only_named``: it opens to nobody else, and the rollout is of them. ``also_of``:
    the other services that it is tagged with.
    """

    key: str
    service: str
    enabled: bool
    rollout_percent: Percent
    version: Opaque
    former: str = Field(default="", json_schema_extra=personal("former"))
    named_percent: Percent = 0
    only_named: bool = False
    also_of: tuple[str, ...] = ()


def title(params: FlagParams) -> str:
    if not params.enabled:
        return f"Turn flag {params.flag_key} off"
    # Of all users, or of those whom its constraints name: ``describe`` says which.
    return f"Turn flag {params.flag_key} on for {params.rollout_percent} %"


async def observe(params: FlagParams, ports: Ports) -> FlagTarget:
    return pick(FlagTarget, await ports.flags.get(params.flag_key))


async def estimate(params: FlagParams, before: FlagTarget, ports: Ports) -> Estimate:
    """
    Count the users whose side of the flag changes, at most.

    Raises:
        Refused: it is of several services, and a freeze of each would have to hold it.
        Unreadable: nobody counts the users.
    """
    if before.also_of:
        named = ", ".join((before.service, *before.also_of))
        said = (
            f"flag {before.key} is tagged with several services ({named}), so nobody "
            "can tell whom it reaches or whose freeze holds it: leave it the tag of "
            "one, and propose it again"
        )
        # A former state is an undo's: that waits for no measure.
        raise Unreadable(said) if params.former else Refused(said)
    if not before.service:
        raise Unreadable(
            f"flag {before.key} names no service, so nobody counts whom it reaches: "
            "tag it with its service, and name the tag's type in connectors.yaml "
            "(`service_tag`)"
        )
    load = await read_load(ports, before.service)
    if load.active_users is None:
        raise Unreadable(
            f"nobody counts the active users of {before.service}: name a query for "
            "them in connectors.yaml (`load.active_users`)"
        )
    # Those who are named may be many, or all: nobody counts them.
    was, then = _reaches(before), _reaches(_left(params, before))
    share = max(abs(one - other) for one, other in zip(was, then, strict=True))
    users = round(load.active_users * share / 100)
    return Estimate(
        amount=users,
        unit="active users",
        text=f"{users:,} active users of {before.service}",
        cost=f"{users:,} users see {before.key} change",
    )


def describe(params: FlagParams, before: FlagTarget) -> tuple[str, str]:
    after = _say_of(_left(params, before))
    unknown = params.former and params.enabled and params.named_percent is None
    return _say_of(before), "on, its exact former state" if unknown else after


def _left(params: FlagParams, before: FlagTarget) -> FlagTarget:
    """Give what stands afterwards: a former state, or nobody further than asked."""
    asked = {"enabled": params.enabled, "rollout_percent": params.rollout_percent}
    if params.former:
        asked |= {
            "named_percent": _ALL
            if params.named_percent is None
            else params.named_percent,
            "only_named": bool(params.only_named),
        }
    else:
        asked["named_percent"] = params.rollout_percent
    return before.model_copy(update=asked)


async def execute(
    params: FlagParams, before: FlagTarget, ports: Ports, order: Order
) -> FlagTarget:
    found = await ports.flags.set(
        params.flag_key,
        enabled=params.enabled,
        rollout_percent=params.rollout_percent,
        former=params.former,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(FlagTarget, found)


def reconcile(params: FlagParams, before: FlagTarget, now: FlagTarget) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    if params.former:
        same = now.former == params.former
        return Settled.applied if same else Settled.unknown
    if (now.enabled, now.rollout_percent) == (params.enabled, params.rollout_percent):
        return Settled.applied
    return Settled.unknown


def is_exact(
    params: FlagParams, before: FlagTarget, now: FlagTarget, ports: Ports
) -> bool:
    """Tell our change from another at the same rollout: by each of its strategies."""
    if params.former or not before.former:
        return True
    meant = ports.flags.after(
        params.flag_key,
        before.former,
        enabled=params.enabled,
        rollout_percent=params.rollout_percent,
    )
    return now.former == meant


async def verify(params: FlagParams, before: FlagTarget, ports: Ports) -> Verification:
    """Verified when the flag holds what was written and the service is well."""
    now = await observe(params, ports)
    load = await read_load(ports, before.service)
    measures = measures_of(load)
    if (now.enabled, now.rollout_percent) != (params.enabled, params.rollout_percent):
        text = f"{now.key} is {_say_of(now)} again"
        return Verification(done=False, text=text, measures=measures)
    text = say_health(load)
    return Verification(done=is_well(load) or None, text=text, measures=measures)


def already(params: FlagParams, before: FlagTarget) -> str | None:
    """Off is off, whatever rollout is kept for later; on is so for nobody further."""
    meant = (params.enabled, params.rollout_percent if params.enabled else None)
    stands = (before.enabled, before.rollout_percent if before.enabled else None)
    further = params.enabled and before.named_percent > params.rollout_percent
    if params.former or meant != stands or further:
        return None
    return f"flag {before.key} is {_say_of(before)}"


def undo(_params: FlagParams, before: FlagTarget) -> FlagParams:
    return FlagParams(
        flag_key=before.key,
        enabled=before.enabled,
        rollout_percent=before.rollout_percent,
        former=before.former,
        named_percent=before.named_percent,
        only_named=before.only_named,
    )


def _reaches(flag: FlagTarget) -> tuple[int, int]:
    """Give how far it opens to all, and to those who are named."""
    if not flag.enabled:
        return 0, 0
    return flag.rollout_percent, max(flag.rollout_percent, flag.named_percent)


def _say_of(flag: FlagTarget) -> str:
    """Say how far it opens, to those whom its constraints name as well."""
    said = _say(flag.enabled, flag.rollout_percent, only_named=flag.only_named)
    if flag.enabled and flag.named_percent > flag.rollout_percent:
        said = f"{said}, {flag.named_percent} % {_NAMED}"
    return said


def _say(enabled: bool, rollout_percent: int, *, only_named: bool) -> str:  # noqa: FBT001 - a pure pair
    if not enabled:
        return "off"
    return f"on, {rollout_percent} % {_NAMED if only_named else 'of users'}"


TOGGLE_FEATURE_FLAG = WriteTool(
    name="toggle_feature_flag",
    version=2,
    category=ToolCategory.write_reversible,
    params=FlagParams,
    state=FlagTarget,
    target_params=("flag_key",),
    reason_codes=("incident_mitigation", "planned_change", "undo"),
    port=lambda ports: ports.flags,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
    is_exact=is_exact,
    undo=undo,
)
