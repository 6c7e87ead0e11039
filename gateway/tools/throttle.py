"""throttle_endpoint: cap a route's accepted requests; the rest is refused with 429."""

from pydantic import Field

from gateway.ports import NotConfigured, Ports, Unreadable
from gateway.registry import (
    INTERNAL,
    Estimate,
    Order,
    Settled,
    Strict,
    Verification,
    WriteTool,
)
from gateway.subjects import ServiceLoad
from gateway.tools.health import (
    is_served,
    is_well,
    measures_of,
    read_load,
    say_health,
)
from gateway.tools.picked import pick
from gateway.tools.quantity import ErrorRatio, Opaque, WholePerSecond
from policy.names import NAME
from policy.tool_spec import ToolCategory

# Of the routes that a refusal names.
_MOST_NAMED = 10


class ThrottleParams(Strict):
    """
    ``limit_rps`` 0 lifts the throttle.

    ``closes`` has 0 mean 0, and nothing let in: a limit that an undo may find.
    """

    service: str = Field(pattern=NAME, title="Service")
    route: str = Field(pattern=r"^[A-Z]+ /[\w/{}.:-]{0,120}$", title="Route")
    limit_rps: int = Field(
        ge=0,
        le=100_000,
        title="Limit",
        description="0 lifts the throttle",
        json_schema_extra={"x-unit": "requests/s"},
    )
    closes: bool = Field(default=False, json_schema_extra=INTERNAL)

    @property
    def limit(self) -> int | None:
        """Give the limit as its system holds it; None is no limit, and 0 is one."""
        return 0 if self.closes else self.limit_rps or None


class ThrottleTarget(Strict):
    """
    The throttle as observed; ``limit_rps`` None where there is none.

    ``error_ratio`` None while nobody measures the service.
    """

    service: str
    route: str
    limit_rps: WholePerSecond | None
    version: Opaque
    error_ratio: ErrorRatio | None


def title(params: ThrottleParams) -> str:
    if params.limit is None:
        return f"Lift the throttle on {params.route} of {params.service}"
    return f"Throttle {params.route} of {params.service} to {_say(params.limit)}"


async def observe(params: ThrottleParams, ports: Ports) -> ThrottleTarget:
    throttle = await ports.throttles.get(params.service, params.route)
    load = await _find_load(ports, params.service)
    ratio = None if load is None else round(load.error_ratio, 5)
    return pick(ThrottleTarget, throttle, error_ratio=ratio)


async def estimate(
    params: ThrottleParams, before: ThrottleTarget, ports: Ports
) -> Estimate:
    """Measure the requests per second that the limit would refuse now."""
    if params.limit is None:
        return Estimate(
            amount=0.0,
            unit="requests/s",
            text=f"no request is refused on {params.route} any more",
            cost=f"whatever arrives is let in (now {_say(before.limit_rps)})",
        )
    load = await read_load(ports, params.service)
    rate = _offered(load, params.route)
    refused = max(0.0, rate - params.limit)
    return Estimate(
        amount=round(refused, 1),
        unit="requests/s",
        text=f"{refused:,.0f} of {rate:,.0f} requests/s on {params.route}",
        cost=f"{refused:,.0f} requests/s get 429 while it holds "
        f"(now {_say(before.limit_rps)})",
    )


def describe(params: ThrottleParams, before: ThrottleTarget) -> tuple[str, str]:
    return _say(before.limit_rps), _say(params.limit)


async def execute(
    params: ThrottleParams, before: ThrottleTarget, ports: Ports, order: Order
) -> ThrottleTarget:
    throttle = await ports.throttles.set(
        params.service,
        params.route,
        limit_rps=params.limit,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(ThrottleTarget, throttle, error_ratio=before.error_ratio)


def reconcile(
    params: ThrottleParams, before: ThrottleTarget, now: ThrottleTarget
) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    if now.limit_rps == params.limit:
        return Settled.applied
    return Settled.unknown


async def verify(
    params: ThrottleParams, before: ThrottleTarget, ports: Ports
) -> Verification:
    """
    Verified when the limit holds and the service is well, or its 5xx have halved.

    That the limit is gone needs no measure. By how much they fell, nobody can tell
    where they were not measured before.

    Raises:
        Unreadable: the limit holds, and nobody measures the service now.
    """
    now = await ports.throttles.get(params.service, params.route)
    if now.limit_rps != params.limit:
        found = await _find_load(ports, params.service)
        text = f"{params.route} is at {_say(now.limit_rps)} again"
        measures = {} if found is None else measures_of(found)
        return Verification(done=False, text=text, measures=measures)
    load = await read_load(ports, params.service)
    helped = is_well(load) or _has_halved(load, before)
    is_told = helped or before.error_ratio is not None
    said = (
        "" if is_told else "; whether that fell is unknown: nobody measured it before"
    )
    return Verification(
        done=helped or None,
        text=f"{say_health(load)}{said}",
        measures=measures_of(load),
        is_told=is_told,
    )


def already(params: ThrottleParams, before: ThrottleTarget) -> str | None:
    if params.limit != before.limit_rps:
        return None
    return f"{params.route} of {params.service} is at {_say(before.limit_rps)}"


def undo(params: ThrottleParams, before: ThrottleTarget) -> ThrottleParams:
    return ThrottleParams(
        service=params.service,
        route=params.route,
        limit_rps=before.limit_rps or 0,
        closes=before.limit_rps == 0,
    )


async def _find_load(ports: Ports, service: str) -> ServiceLoad | None:
    """Give the service's load; None while nobody measures it: the limit is no less."""
    try:
        return await read_load(ports, service)
    except (NotConfigured, Unreadable):
        return None


def _has_halved(load: ServiceLoad, before: ThrottleTarget) -> bool:
    if before.error_ratio is None:
        return False
    return is_served(load) and load.error_ratio < before.error_ratio / 2


def _offered(load: ServiceLoad, route: str) -> float:
    """
    Give what clients ask for: accepted and refused requests.

    Raises:
        Unreadable: the route is not among those that are measured, or nobody can tell
            how much of it is refused.
    """
    found = [one for one in load.routes if one.route == route]
    if not found:
        known = ", ".join(one.route for one in load.routes[:_MOST_NAMED]) or "none"
        raise Unreadable(
            f"nobody measures the requests of {route} on {load.service}; measured are: "
            f"{known}"
        )
    refused = [one.rejected_per_second for one in found]
    if None in refused:
        raise Unreadable(
            f"how many requests of {route} are refused on {load.service} is no number"
        )
    return sum(one.requests_per_second for one in found) + sum(filter(None, refused))


def _say(limit_rps: int | None) -> str:
    return "no limit" if limit_rps is None else f"{limit_rps:,} requests/s"


THROTTLE_ENDPOINT = WriteTool(
    name="throttle_endpoint",
    version=1,
    category=ToolCategory.write_reversible,
    params=ThrottleParams,
    state=ThrottleTarget,
    target_params=("service", "route"),
    reason_codes=("incident_mitigation", "capacity_protection", "undo"),
    port=lambda ports: ports.throttles,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
    undo=undo,
)
