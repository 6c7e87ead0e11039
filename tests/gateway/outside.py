"""
The outside systems in memory: they fulfil the ports, and fail when told.

Writes are conditional on the version seen and keyed against repeats, as the real ones
are. ``next_write`` holds what the next writes meet: an error alone leaves the state as
it is, ``applied`` changes it and loses the answer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gateway.absent import absent_ports
from gateway.ports import NotThere, Ports, Unreadable
from gateway.registry import Order
from gateway.subjects import (
    FlagList,
    FlagState,
    QueueLoad,
    RouteLoad,
    Series,
    ServiceLoad,
    Span,
    ThrottleState,
    Trace,
)
from policy.scope import Scope
from tests.gateway.outside_society import (
    APPEAL,
    CONTENT,
    TARGET,
    USER,
    FakeAccounts,
    FakeAppeals,
    FakeContents,
    FakeFrictions,
    FakeIdentity,
    a_content,
    a_friction,
    an_account,
    an_appeal,
    an_identity,
)
from tests.gateway.outside_work import (
    CAMPAIGN,
    EXPERIMENT,
    GROUP,
    PIPELINE,
    TICKET,
    FakeAudit,
    FakeCampaigns,
    FakeConsumers,
    FakeExperiments,
    FakePipelines,
    FakeRecords,
    FakeTickets,
    a_campaign,
    a_group,
    a_pipeline,
    a_ticket,
    an_experiment,
)
from tests.gateway.writes import Failure, Writes

__all__ = ["Failure", "Writes"]

SCOPE = Scope("acme", "staging")
FLAG = "new_ranker"
SERVICE = "discourse"
ROUTE = "GET /feed"


def order(key: str = "k") -> Order:
    """Give what a write is sent under."""
    return Order(key, "incident_mitigation")


@dataclass
class FakeFlags:
    flags: dict[str, FlagState]
    writes: Writes = field(default_factory=Writes)
    unreadable: bool = False
    repeatable: bool = True
    asked: int = 0
    trouble: str = ""
    away_seconds: float | None = None

    async def get(self, key: str) -> FlagState:
        self.asked += 1
        if self.trouble:
            raise Unreadable(f"HTTP 500: {self.trouble}")
        if self.away_seconds is not None:
            raise Unreadable("HTTP 503", retry_after=self.away_seconds)
        if self.unreadable or key not in self.flags:
            raise Unreadable(f"flag {key}: HTTP 404")
        return self.flags[key]

    async def list_of(self, service: str) -> FlagList:
        return FlagList([one for one in self.flags.values() if one.service == service])

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
        now = self.flags[key]
        if idempotency_key in self.writes.done:
            return now
        failure = self.writes.begin(
            idempotency_key, seen=seen_version, version=now.version
        )
        self.put(key, enabled=enabled, rollout_percent=rollout_percent)
        kept = former or ("changed" if now.former else "")
        self.flags[key] = replace(self.flags[key], former=kept)
        if failure is not None:
            raise failure.error
        return self.flags[key]

    def after(
        self, _key: str, former: str, *, enabled: bool, rollout_percent: int
    ) -> str:
        """Give "changed", as ``set`` leaves it, whatever the two numbers are."""
        del enabled, rollout_percent
        return "changed" if former else ""

    def set_form(self, former: str) -> None:
        """Give the flag a form that says more than its two numbers."""
        self.flags[FLAG] = replace(self.flags[FLAG], former=former)

    def put(self, key: str = FLAG, *, enabled: bool, rollout_percent: int) -> None:
        """Change a flag as anybody else might."""
        now = self.flags[key]
        self.flags[key] = replace(
            now,
            enabled=enabled,
            rollout_percent=rollout_percent,
            version=now.version + 1,
        )


@dataclass
class FakeThrottles:
    throttles: dict[tuple[str, str], ThrottleState]
    writes: Writes = field(default_factory=Writes)
    repeatable: bool = True

    async def get(self, service: str, route: str) -> ThrottleState:
        if (service, route) not in self.throttles:
            raise NotThere(f"{service} {route}: HTTP 404")
        return self.throttles[service, route]

    async def set(
        self,
        service: str,
        route: str,
        *,
        limit_rps: int | None,
        seen_version: int,
        idempotency_key: str,
    ) -> ThrottleState:
        now = self.throttles[service, route]
        if idempotency_key in self.writes.done:
            return now
        failure = self.writes.begin(
            idempotency_key, seen=seen_version, version=now.version
        )
        changed = replace(now, limit_rps=limit_rps, version=now.version + 1)
        self.throttles[service, route] = changed
        if failure is not None:
            raise failure.error
        return changed


@dataclass
class FakeServices:
    """``calls`` counts the reads."""

    load: ServiceLoad
    calls: int = 0

    async def service(self, name: str) -> ServiceLoad:
        self.calls += 1
        if name != self.load.service:
            raise Unreadable(f"service {name}: HTTP 404")
        return self.load

    def become(self, *, error_ratio: float, active_users: int | None = None) -> None:
        users = self.load.active_users if active_users is None else active_users
        self.load = replace(self.load, error_ratio=error_ratio, active_users=users)


@dataclass
class FakeMetrics:
    """``more`` is what it measures beside errors and latency."""

    error: Exception | None = None
    more: tuple[Series, ...] = ()
    calls: int = 0

    async def service_series(
        self, service: str, *, start_at: float, end_at: float
    ) -> Sequence[Series]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        assert service
        return [
            Series("error_ratio", "ratio", ((start_at, 0.001), (end_at, 0.18))),
            Series("p99_ms", "ms", ((start_at, 200.0), (end_at, 1800.0))),
            *self.more,
        ]


@dataclass
class FakeQueues:
    async def get(self, name: str) -> QueueLoad:
        return QueueLoad(name, 12, 3.0, 40.0, 41.0, 4)


@dataclass
class FakeTraces:
    """``message`` is what anybody may have written into a span."""

    message: str = "timeout in the ranker"
    value: str = FLAG

    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]:
        assert most
        assert service or correlation_id
        span = Span(
            service=SERVICE,
            operation="rank",
            status="error",
            duration_ms=1800.0,
            error_type="Timeout",
            attributes=(("feature_flag.key", self.value),),
            message=self.message,
        )
        return [
            Trace(
                trace_id="a" * 32,
                correlation_id="b" * 32,
                status="error",
                started_at=2_000_000_000.0,
                duration_ms=1800.0,
                spans=(span,),
            )
        ]

    async def get(self, trace_id: str) -> Trace:
        [found] = await self.search(service=SERVICE, correlation_id=None, most=1)
        if trace_id != found.trace_id:
            raise NotThere(f"trace {trace_id}: HTTP 404")
        return found


@dataclass
class Outside:
    """All systems of one environment, with a service in trouble."""

    flags: FakeFlags
    throttles: FakeThrottles
    services: FakeServices
    metrics: FakeMetrics
    traces: FakeTraces
    accounts: FakeAccounts
    identity: FakeIdentity
    contents: FakeContents
    frictions: FakeFrictions
    appeals: FakeAppeals
    consumers: FakeConsumers
    pipelines: FakePipelines
    campaigns: FakeCampaigns
    tickets: FakeTickets
    experiments: FakeExperiments
    audit: FakeAudit
    records: FakeRecords
    now: Callable[[], float] = time.time

    @property
    def ports(self) -> Ports:
        return replace(
            absent_ports(),
            metrics=self.metrics,
            catalogue=self.services,
            flags=self.flags,
            throttles=self.throttles,
            queues=FakeQueues(),
            traces=self.traces,
            accounts=self.accounts,
            identity=self.identity,
            contents=self.contents,
            frictions=self.frictions,
            appeals=self.appeals,
            consumers=self.consumers,
            pipelines=self.pipelines,
            campaigns=self.campaigns,
            tickets=self.tickets,
            experiments=self.experiments,
            audit=self.audit,
            records=self.records,
            now=self.now,
        )

    def recover(self) -> None:
        self.services.become(error_ratio=0.001)


def outside_in_trouble() -> Outside:
    flag = FlagState(
        key=FLAG,
        service=SERVICE,
        enabled=True,
        rollout_percent=50,
        version=7,
        changed_at=1_700_000_000.0,
        changed_by="deploy",
        previous_rollout_percent=5,
    )
    route = RouteLoad(
        route=ROUTE,
        requests_per_second=900.0,
        capacity_rps=500.0,
        error_ratio=0.18,
        rejected_per_second=0.0,
    )
    return Outside(
        flags=FakeFlags({FLAG: flag}),
        throttles=FakeThrottles(
            {(SERVICE, ROUTE): ThrottleState(SERVICE, ROUTE, None, 1)}
        ),
        services=FakeServices(
            ServiceLoad(SERVICE, 900.0, 0.18, 1800.0, 4000, (route,))
        ),
        metrics=FakeMetrics(),
        traces=FakeTraces(),
        accounts=FakeAccounts({USER: an_account()}),
        identity=FakeIdentity({USER: an_identity()}),
        contents=FakeContents({CONTENT: a_content()}),
        frictions=FakeFrictions({TARGET: a_friction()}),
        appeals=FakeAppeals({APPEAL: an_appeal()}),
        consumers=FakeConsumers({GROUP: a_group()}),
        pipelines=FakePipelines({PIPELINE: a_pipeline()}),
        campaigns=FakeCampaigns({CAMPAIGN: a_campaign()}),
        tickets=FakeTickets({TICKET: a_ticket()}),
        experiments=FakeExperiments({EXPERIMENT: an_experiment()}),
        audit=FakeAudit(),
        records=FakeRecords(),
    )
