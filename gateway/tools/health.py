"""What "the service is well again" means: one threshold for every verify."""

from gateway.ports import Ports
from gateway.registry import Strict
from gateway.subjects import ServiceLoad
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, ErrorRatio, Milliseconds, PerSecond

# 1 % is where the alert rule of the lab and of the playbooks resolves.
WELL_ERROR_RATIO = 0.01


class _Load(Strict):
    requests_per_second: PerSecond
    error_ratio: ErrorRatio
    p99_ms: Milliseconds | None
    active_users: Count | None


class _Route(Strict):
    requests_per_second: PerSecond
    capacity_rps: PerSecond | None
    error_ratio: ErrorRatio | None
    rejected_per_second: PerSecond | None


async def read_load(ports: Ports, service: str) -> ServiceLoad:
    """
    Give a service's load as it is measured now.

    Raises:
        Unreadable: a number of it can't be: a ratio above 1, a negative rate.
    """
    load = await ports.catalogue.service(service)
    pick(_Load, load)
    for route in load.routes:
        pick(_Route, route)
    return load


def measures_of(load: ServiceLoad) -> dict[str, float]:
    """Give what a verify shows of it; what nobody measures is left out."""
    measures = {"error_ratio": load.error_ratio}
    return measures if load.p99_ms is None else measures | {"p99_ms": load.p99_ms}


def is_served(load: ServiceLoad) -> bool:
    """Tell whether requests arrive at all: without any, no ratio says anything."""
    return load.requests_per_second > 0


def is_well(load: ServiceLoad) -> bool:
    return is_served(load) and load.error_ratio < WELL_ERROR_RATIO


def say_health(load: ServiceLoad) -> str:
    if not is_served(load):
        return f"{load.service}: no requests arrive"
    return f"{load.service}: 5xx at {percent(load.error_ratio)}"


def percent(ratio: float) -> str:
    """Give a ratio for people: ``18.2 %``, ``0.21 %``."""
    digits = 1 if ratio >= WELL_ERROR_RATIO else 2
    return f"{ratio * 100:.{digits}f} %"
