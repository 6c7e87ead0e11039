"""Move one service's traffic, errors and latency through time."""

import math
import random
from dataclasses import dataclass, field

SETTLE_SECONDS = 2.0
DEMAND_SETTLE_SECONDS = 1.0
USUAL_ERROR_RATIO = 0.002
NOISE = 0.02


@dataclass
class Route:
    """Hold rates in requests per second: wanted, and admitted past the throttle."""

    name: str
    usual_rps: float
    capacity_rps: float
    wanted_rps: float = 0.0
    admitted_rps: float = 0.0
    error_ratio: float = USUAL_ERROR_RATIO

    def __post_init__(self) -> None:
        self.wanted_rps = self.wanted_rps or self.usual_rps
        self.admitted_rps = self.admitted_rps or self.usual_rps

    @property
    def rejected_rps(self) -> float:
        return max(0.0, self.wanted_rps - self.admitted_rps)

    @property
    def overload(self) -> float:
        """Share of the admitted requests that there is no room for."""
        excess = self.admitted_rps - self.capacity_rps
        return max(0.0, excess / self.admitted_rps) if self.admitted_rps > 0 else 0.0


@dataclass
class Service:
    name: str
    active_users: int
    usual_p50_ms: float
    usual_p99_ms: float
    routes: list[Route]
    p50_ms: float = 0.0
    p99_ms: float = 0.0

    def __post_init__(self) -> None:
        self.p50_ms = self.p50_ms or self.usual_p50_ms
        self.p99_ms = self.p99_ms or self.usual_p99_ms

    @property
    def requests_per_second(self) -> float:
        return sum(route.admitted_rps for route in self.routes)

    @property
    def error_ratio(self) -> float:
        total = self.requests_per_second
        failed = sum(route.admitted_rps * route.error_ratio for route in self.routes)
        return failed / total if total > 0 else 0.0

    def route(self, name: str) -> Route | None:
        return next((route for route in self.routes if route.name == name), None)


@dataclass(frozen=True)
class Strain:
    """What a moment's flags, throttles and breakages ask of a service."""

    demand_factor: dict[str, float] = field(default_factory=dict)
    limit_rps: dict[str, float] = field(default_factory=dict)
    error_ratio: dict[str, float] = field(default_factory=dict)
    p99_factor: float = 1.0


def advance(
    service: Service, strain: Strain, dt_seconds: float, dice: random.Random
) -> None:
    """Bring the service `dt_seconds` nearer to where the strain drives it."""
    for route in service.routes:
        advance_route(route, strain, dt_seconds, dice)
    overload = max((route.overload for route in service.routes), default=0.0)
    p99 = service.usual_p99_ms * strain.p99_factor * (1 + 9 * overload)
    p50 = service.usual_p50_ms * (1 + 4 * overload) * strain.p99_factor**0.25
    service.p99_ms = settle(service.p99_ms, p99 * noise(dice), dt_seconds)
    service.p50_ms = settle(service.p50_ms, p50 * noise(dice), dt_seconds)


def advance_route(
    route: Route, strain: Strain, dt_seconds: float, dice: random.Random
) -> None:
    wanted = route.usual_rps * strain.demand_factor.get(route.name, 1.0) * noise(dice)
    route.wanted_rps = settle(
        route.wanted_rps, wanted, dt_seconds, within_seconds=DEMAND_SETTLE_SECONDS
    )
    limit = strain.limit_rps.get(route.name, math.inf)
    route.admitted_rps = min(route.wanted_rps, limit)
    fault = strain.error_ratio.get(route.name, 0.0)
    target = 1 - (1 - USUAL_ERROR_RATIO) * (1 - fault) * (1 - route.overload)
    route.error_ratio = settle(route.error_ratio, target * noise(dice), dt_seconds)


def settle(
    value: float,
    target: float,
    dt_seconds: float,
    *,
    within_seconds: float = SETTLE_SECONDS,
) -> float:
    """First order: 63 % of the way within the time constant."""
    return value + (target - value) * (1 - math.exp(-dt_seconds / within_seconds))


def noise(dice: random.Random) -> float:
    return 1 + dice.uniform(-NOISE, NOISE)


def usual_services() -> list[Service]:
    return [
        Service(
            name="discourse",
            active_users=212_000,
            usual_p50_ms=38,
            usual_p99_ms=180,
            routes=[
                Route("POST /v1/replies", usual_rps=400, capacity_rps=800),
                Route("GET /v1/threads", usual_rps=600, capacity_rps=1400),
                Route("POST /v1/reactions", usual_rps=200, capacity_rps=600),
            ],
        ),
        Service(
            name="feed",
            active_users=480_000,
            usual_p50_ms=45,
            usual_p99_ms=210,
            routes=[
                Route("GET /v1/feed", usual_rps=2400, capacity_rps=5000),
                Route("GET /v1/profiles", usual_rps=600, capacity_rps=1500),
            ],
        ),
        Service(
            name="identity",
            active_users=350_000,
            usual_p50_ms=12,
            usual_p99_ms=60,
            routes=[
                Route("POST /v1/sessions", usual_rps=120, capacity_rps=400),
                Route("GET /v1/me", usual_rps=180, capacity_rps=900),
            ],
        ),
        Service(
            name="push",
            active_users=260_000,
            usual_p50_ms=25,
            usual_p99_ms=140,
            routes=[Route("POST /v1/notifications", usual_rps=500, capacity_rps=1200)],
        ),
    ]
