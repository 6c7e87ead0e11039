"""schedule_campaign: have a notification go out to a segment of people."""

from pydantic import Field

from gateway.ports import Ports, Refused
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.instant import Instant, say
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque, UnixSeconds
from policy.names import NAME
from policy.tool_spec import ToolCategory

# Time to stop it by hand, and the platform's own horizon.
LEAST_AHEAD_SECONDS = 300.0
LONGEST_AHEAD_SECONDS = 30 * 86_400.0


class CampaignParams(Strict):
    campaign_key: str = Field(pattern=NAME, title="Campaign")
    segment: str = Field(pattern=NAME, title="Segment")
    template: str = Field(pattern=NAME, title="Template")
    starts_at: Instant = Field(
        title="Starts",
        description="between 5 minutes and 30 days ahead",
        json_schema_extra={
            "x-unit": "UTC",
            "x-ahead-seconds": [LEAST_AHEAD_SECONDS, LONGEST_AHEAD_SECONDS],
        },
    )


class CampaignTarget(Strict):
    """The campaign as observed; ``state`` none where nobody used the key."""

    campaign_key: str
    state: str
    segment: str | None
    template: str | None
    starts_at: UnixSeconds | None
    audience: Count
    version: Opaque


def title(params: CampaignParams) -> str:
    start = say(params.starts_at.timestamp())
    return f"Send {params.template} to {params.segment} at {start}"


async def observe(params: CampaignParams, ports: Ports) -> CampaignTarget:
    return pick(CampaignTarget, await ports.campaigns.get(params.campaign_key))


async def estimate(
    params: CampaignParams, _before: CampaignTarget, ports: Ports
) -> Estimate:
    """Count the people whom the system's own rehearsal says it would reach."""
    people = await _rehearse(params, ports)
    return Estimate(
        amount=people,
        unit="people",
        text=f"{people:,} people of {params.segment}",
        cost=f"{people:,} people get one notification more",
    )


async def rehearse(
    params: CampaignParams, _before: CampaignTarget, ports: Ports
) -> None:
    await _rehearse(params, ports)


def describe(params: CampaignParams, before: CampaignTarget) -> tuple[str, str]:
    was = "not scheduled" if before.state == "none" else before.state
    return was, f"scheduled for {say(params.starts_at.timestamp())}"


async def execute(
    params: CampaignParams, before: CampaignTarget, ports: Ports, order: Order
) -> CampaignTarget:
    found = await ports.campaigns.schedule(
        params.campaign_key,
        segment=params.segment,
        template=params.template,
        starts_at=params.starts_at.timestamp(),
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(CampaignTarget, found)


def reconcile(
    params: CampaignParams, before: CampaignTarget, now: CampaignTarget
) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if _holds(params, now) else Settled.unknown


async def verify(
    params: CampaignParams, _before: CampaignTarget, ports: Ports
) -> Verification:
    """Verified when it is scheduled as meant, or sent already."""
    now = await observe(params, ports)
    start = say(now.starts_at)
    return Verification(
        done=_holds(params, now),
        text=f"{now.campaign_key} is {now.state}: {now.audience:,} people at {start}",
        measures={"audience": float(now.audience)},
    )


def already(params: CampaignParams, before: CampaignTarget) -> str | None:
    if not _holds(params, before):
        return None
    start = say(before.starts_at)
    return f"campaign {before.campaign_key} is {before.state}, to start at {start}"


async def _rehearse(params: CampaignParams, ports: Ports) -> int:
    start, now = params.starts_at.timestamp(), ports.now()
    if not now + LEAST_AHEAD_SECONDS <= start <= now + LONGEST_AHEAD_SECONDS:
        raise Refused(
            f"starts_at {say(start)} is not between 5 minutes and 30 days ahead; "
            f"it is {say(now)} now, choose another instant"
        )
    return await ports.campaigns.rehearse(
        params.campaign_key,
        segment=params.segment,
        template=params.template,
        starts_at=start,
    )


def _holds(params: CampaignParams, now: CampaignTarget) -> bool:
    meant = (params.segment, params.template, params.starts_at.timestamp())
    is_so = (now.segment, now.template, now.starts_at) == meant
    return is_so and now.state in {"scheduled", "sent"}


SCHEDULE_CAMPAIGN = WriteTool(
    name="schedule_campaign",
    version=1,
    category=ToolCategory.write_irreversible,
    params=CampaignParams,
    state=CampaignTarget,
    target_params=("segment",),
    cited_params=("campaign_key", "template"),
    reason_codes=("underperforming_window", "re_engagement", "service_notice"),
    port=lambda ports: ports.campaigns,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
    rehearse=rehearse,
)
