"""The protocols that connectors fulfil, and the ways in which a system may fail."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.dashboard import Dashboard
from gateway.subjects import (
    Account,
    Appeal,
    AuditEntry,
    CampaignPlan,
    CampaignState,
    ConsumerState,
    ContentState,
    Experiment,
    FlagList,
    FlagState,
    FrictionState,
    IdentityState,
    PastTask,
    PipelineState,
    QueueLoad,
    Series,
    ServiceLoad,
    ThrottleState,
    Ticket,
    Trace,
)
from policy.alert import Severity
from policy.scope import Scope


class ConnectorError(Exception):
    """``retry_after`` seconds, at most 300; ``away_seconds``: said by the system."""

    def __init__(self, said: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(said)
        self.retry_after = self.away_seconds = retry_after


class NothingSent(ConnectorError):
    """The request did not leave, or was refused before any effect: safe to repeat."""


class Later(NothingSent):
    """
    The system, or what stands before it, says 503 and when to come again.

    Not begun by its word alone: it is read back then, as if no answer had come.
    """


class Refused(ConnectorError):
    """The system understood and refused; nothing changed."""


class StateMoved(Refused):
    """The target is no longer in the state that was approved."""


class OutcomeUnknown(ConnectorError):
    """The request left and no answer came: it may have been applied."""


class Unreadable(ConnectorError):
    """A read failed, or its answer made no sense."""


class Busy(Unreadable):
    """The system answers later: it is asked too much, or away for a while."""


class NotConfigured(ConnectorError):
    """No connector serves this port; the message says where to add one."""


class NotThere(Unreadable):
    """The system answered that it knows no such thing."""


class WritePort(Protocol):
    """
    What every port that can be written has.

    ``repeatable``: each write is keyed by its idempotency key, or conditional on the
    version seen, so that one which was read back as not applied may be sent again.
    Elsewhere such a write counts as unknown. Every write names the version it saw and
    its key, gives the new state, and raises NothingSent, StateMoved, Refused or
    OutcomeUnknown; every read raises Unreadable.
    """

    @property
    def repeatable(self) -> bool: ...


class Metrics(Protocol):
    async def service_series(
        self, service: str, *, start_at: float, end_at: float
    ) -> Sequence[Series]:
        """Give requests_per_second, error_ratio, p99_ms and route_rps:<route>."""


class Catalogue(Protocol):
    async def service(self, name: str) -> ServiceLoad: ...


class Dashboards(Protocol):
    async def get(self, uid: str) -> Dashboard: ...

    async def render(
        self, uid: str, panel_id: int, *, start_at: float, end_at: float
    ) -> bytes:
        """Give the panel as PNG."""


class Flags(WritePort, Protocol):
    async def get(self, key: str) -> FlagState: ...

    async def list_of(self, service: str) -> FlagList: ...

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
        """Write; ``former``, if not empty, is a state to restore exactly."""

    def after(
        self, key: str, former: str, *, enabled: bool, rollout_percent: int
    ) -> str:
        """
        Give the system's own form of what a write leaves of ``former``.

        Empty where a flag is no more than its two numbers.
        """


class Throttles(WritePort, Protocol):
    async def get(self, service: str, route: str) -> ThrottleState: ...

    async def set(
        self,
        service: str,
        route: str,
        *,
        limit_rps: int | None,
        seen_version: int,
        idempotency_key: str,
    ) -> ThrottleState: ...


class Queues(Protocol):
    async def get(self, name: str) -> QueueLoad: ...


class Traces(Protocol):
    async def get(self, trace_id: str) -> Trace: ...

    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]: ...


class Accounts(WritePort, Protocol):
    async def get(self, user_id: str) -> Account: ...

    async def set_push(
        self, user_id: str, *, revoked: bool, seen_version: int, idempotency_key: str
    ) -> Account:
        """Revoke the push tokens softly, or restore them."""

    async def ban(
        self,
        user_id: str,
        *,
        until: float | None,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Account:
        """Ban until an instant; None bans for ever."""


class Identity(WritePort, Protocol):
    async def get(self, user_id: str) -> IdentityState: ...

    async def end_sessions(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState: ...

    async def send_reset_link(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState: ...


class Contents(WritePort, Protocol):
    async def get(self, content_id: str) -> ContentState: ...

    async def remove(
        self,
        content_id: str,
        *,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> ContentState: ...


class Frictions(WritePort, Protocol):
    async def get(self, target: str) -> FrictionState: ...

    async def set(
        self,
        target: str,
        *,
        friction_type: str | None,
        expires_at: float | None,
        seen_version: int,
        idempotency_key: str,
    ) -> FrictionState:
        """Put a friction on the target; None takes it away."""


class Appeals(WritePort, Protocol):
    async def get(self, appeal_id: str) -> Appeal: ...

    async def resolve(
        self,
        appeal_id: str,
        *,
        resolution: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Appeal:
        """Resolve as ``upheld`` or ``overturned``."""


class Consumers(WritePort, Protocol):
    async def get(self, consumer_group: str) -> ConsumerState: ...

    async def restart(
        self, consumer_group: str, *, seen_version: int, idempotency_key: str
    ) -> ConsumerState: ...


class Pipelines(WritePort, Protocol):
    async def get(self, pipeline: str) -> PipelineState: ...

    async def rehearse(self, pipeline: str, *, from_at: float, to_at: float) -> int:
        """
        Give the rows that a backfill would write, without writing any.

        Raises:
            Refused: the system would not run it.
        """

    async def backfill(
        self,
        pipeline: str,
        *,
        from_at: float,
        to_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> PipelineState: ...


class Campaigns(WritePort, Protocol):
    async def plan(self) -> CampaignPlan:
        """Give the campaigns, segments and templates that people have set up."""

    async def get(self, campaign_key: str) -> CampaignState: ...

    async def rehearse(
        self, campaign_key: str, *, segment: str, template: str, starts_at: float
    ) -> int:
        """
        Give how many people a campaign would reach, without scheduling it.

        Raises:
            Refused: the system would not run it.
        """

    async def schedule(
        self,
        campaign_key: str,
        *,
        segment: str,
        template: str,
        starts_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> CampaignState: ...


class Tickets(WritePort, Protocol):
    async def get(self, ticket_id: str) -> Ticket: ...

    async def comment(
        self,
        ticket_id: str,
        *,
        body: str,
        public: bool,
        seen_version: int,
        idempotency_key: str,
    ) -> Ticket: ...

    async def search(self, query: str, *, most: int) -> Sequence[Ticket]:
        """Give tickets like the words, best first; comments may be missing."""


class Experiments(Protocol):
    async def get(self, key: str) -> Experiment: ...


class PlatformAudit(Protocol):
    async def search(
        self, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]:
        """Give entries that hold every word of the query, newest first."""


class Records(Protocol):
    """Our own rows, of one scope: the ledger and the tasks that were settled."""

    async def search_ledger(
        self, scope: Scope, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]: ...

    async def ledger_unread(self, scope: Scope, *, since: float) -> float | None:
        """Give the instant up to which the search looks at nothing; None: at all."""

    async def search_tasks(
        self, scope: Scope, query: str, *, most: int
    ) -> Sequence[PastTask]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """What a pager is to say, ``details`` in order; a ``key`` again adds nothing."""

    key: str
    summary: str
    severity: Severity
    service: str
    environment: str
    details: Mapping[str, str]


class Pager(Protocol):
    async def page(self, page: Page) -> bool:
        """
        Have a person called; False where the pager is not to be bothered with this.

        Raises:
            NothingSent, Refused, OutcomeUnknown: it may be sent again.
        """

    async def resolve(self, page: Page) -> bool:
        """End what ``page`` began, and fail as it does; False: nobody was called."""


@dataclass(frozen=True, slots=True)
class Ports:
    """
    Every outside system of one environment, and our own records.

    ``now`` is the gateway's clock, by which a tool judges instants among its params.
    """

    metrics: Metrics
    catalogue: Catalogue
    dashboards: Dashboards
    flags: Flags
    throttles: Throttles
    queues: Queues
    traces: Traces
    accounts: Accounts
    identity: Identity
    contents: Contents
    frictions: Frictions
    appeals: Appeals
    consumers: Consumers
    pipelines: Pipelines
    campaigns: Campaigns
    tickets: Tickets
    experiments: Experiments
    audit: PlatformAudit
    pager: Pager
    records: Records
    now: Callable[[], float] = time.time
