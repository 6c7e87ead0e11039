"""Consumers, pipelines, campaigns, tickets and records in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.ports import Refused, Unreadable
from gateway.subjects import (
    AuditEntry,
    Backfill,
    CampaignPlan,
    CampaignState,
    Comment,
    ConsumerState,
    Experiment,
    PastTask,
    PipelineState,
    PlannedCampaign,
    Segment,
    Ticket,
    VariationResult,
)
from policy.scope import Scope
from tests.gateway.writes import Kept

GROUP, PIPELINE, CAMPAIGN = "loader", "warehouse", "autumn"
TICKET, EXPERIMENT = "48211", "ranker-v2"
WATERMARK = 1_700_000_000.0


class FakeConsumers(Kept[ConsumerState]):
    async def get(self, consumer_group: str) -> ConsumerState:
        return self.read(consumer_group)

    async def restart(
        self, consumer_group: str, *, seen_version: int, idempotency_key: str
    ) -> ConsumerState:
        return self.write(
            consumer_group,
            lambda now: replace(
                now, restarts=now.restarts + 1, version=now.version + 1
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakePipelines(Kept[PipelineState]):
    """``refusal`` is what the next rehearsals say."""

    refusal: str | None = None

    async def get(self, pipeline: str) -> PipelineState:
        return self.read(pipeline)

    async def rehearse(self, pipeline: str, *, from_at: float, to_at: float) -> int:
        if self.refusal is not None:
            raise Refused(self.refusal)
        return round(self.read(pipeline).rows_per_second * (to_at - from_at))

    async def backfill(
        self,
        pipeline: str,
        *,
        from_at: float,
        to_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> PipelineState:
        fresh = Backfill("bf_2", from_at, to_at, "running", 10, 40)
        return self.write(
            pipeline,
            lambda now: replace(
                now, backfills=(*now.backfills, fresh), version=now.version + 1
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakeCampaigns(Kept[CampaignState]):
    """``refusal`` is what the next rehearsals say."""

    refusal: str | None = None

    async def plan(self) -> CampaignPlan:
        planned = tuple(
            PlannedCampaign(one.campaign_key, one.state) for one in self.rows.values()
        )
        return CampaignPlan(planned, (Segment("hosts", 1240),), ("reminder",))

    async def get(self, campaign_key: str) -> CampaignState:
        return self.read(campaign_key)

    async def rehearse(
        self, campaign_key: str, *, segment: str, template: str, starts_at: float
    ) -> int:
        assert campaign_key
        assert segment
        assert template
        assert starts_at
        if self.refusal is not None:
            raise Refused(self.refusal)
        return 1240

    async def schedule(
        self,
        campaign_key: str,
        *,
        segment: str,
        template: str,
        starts_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> CampaignState:
        return self.write(
            campaign_key,
            lambda now: replace(
                now,
                state="scheduled",
                segment=segment,
                template=template,
                starts_at=starts_at,
                audience=1240,
                version=now.version + 1,
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakeTickets(Kept[Ticket]):
    async def get(self, ticket_id: str) -> Ticket:
        return self.read(ticket_id)

    async def comment(
        self,
        ticket_id: str,
        *,
        body: str,
        public: bool,
        seen_version: int,
        idempotency_key: str,
    ) -> Ticket:
        said = Comment("ops-autopilot", body, public, WATERMARK)
        return self.write(
            ticket_id,
            lambda now: replace(
                now, comments=(*now.comments, said), version=now.version + 1
            ),
            seen=seen_version,
            key=idempotency_key,
        )

    async def search(self, query: str, *, most: int) -> Sequence[Ticket]:
        return [one for one in self.rows.values() if query in one.subject][:most]


@dataclass
class FakeExperiments:
    rows: dict[str, Experiment]

    async def get(self, key: str) -> Experiment:
        if key not in self.rows:
            raise Unreadable(f"{key}: HTTP 404")
        return self.rows[key]


@dataclass
class FakeAudit:
    """``since`` is what was asked for last."""

    entries: list[AuditEntry] = field(default_factory=list)
    since: float = 0.0

    async def search(
        self, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]:
        self.since = since
        return [one for one in self.entries if query in one.detail][:most]


@dataclass
class FakeRecords:
    """``scopes`` is whose rows were asked for."""

    ledger: list[AuditEntry] = field(default_factory=list)
    tasks: list[PastTask] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    unread: float | None = None

    async def ledger_unread(self, scope: Scope, *, since: float) -> float | None:
        assert since > 0
        assert scope
        return self.unread

    async def search_ledger(
        self, scope: Scope, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]:
        self.scopes.append(scope)
        found = [one for one in self.ledger if query in one.detail and one.at >= since]
        return found[:most]

    async def search_tasks(
        self, scope: Scope, query: str, *, most: int
    ) -> Sequence[PastTask]:
        self.scopes.append(scope)
        return [one for one in self.tasks if query in one.title][:most]


def a_group() -> ConsumerState:
    return ConsumerState(
        consumer_group=GROUP,
        topic="events",
        pipeline=PIPELINE,
        members=0,
        lag=12_000,
        lag_seconds=30.0,
        in_rate=400.0,
        out_rate=0.0,
        restarts=3,
        restarted_at=None,
        version=7,
    )


def a_pipeline() -> PipelineState:
    done = Backfill("bf_1", WATERMARK - 9000, WATERMARK - 8000, "done", 5, 5)
    return PipelineState(
        pipeline=PIPELINE,
        watermark_at=WATERMARK,
        lag_seconds=30.0,
        rows_per_second=400.0,
        gaps=((WATERMARK - 300, WATERMARK),),
        backfills=(done,),
        version=7,
    )


def a_campaign() -> CampaignState:
    return CampaignState(CAMPAIGN, "none", None, None, None, 0, 0)


def a_ticket() -> Ticket:
    words = "It says wrong password; call +46 8 5550107."
    return Ticket(
        ticket_id=TICKET,
        subject="I can't log in",
        status="open",
        priority="normal",
        requester_name="Mara Lind",
        requester_email="mara@example.com",
        user_id="u_7",
        tags=("login",),
        created_at=WATERMARK,
        updated_at=WATERMARK,
        comments=(Comment("Mara Lind", words, public=True, at=WATERMARK),),
        version=7,
    )


def an_experiment() -> Experiment:
    return Experiment(
        key=EXPERIMENT,
        name="New ranker",
        status="running",
        phase="main",
        started_at=WATERMARK,
        coverage=0.5,
        variations=("control", "ranker"),
        results=(VariationResult("replies", "ranker", 50_870, 2.5, 0.94),),
    )
