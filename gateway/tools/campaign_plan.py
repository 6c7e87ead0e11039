"""get_campaign_plan: the campaigns, segments and templates that people have set up."""

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.tools.picked import pick
from gateway.tools.quantity import Count


class PlanParams(Strict):
    """None: a plan is read whole."""


class CampaignRow(Strict):
    """``state`` none: set up, and not scheduled."""

    campaign_key: str
    state: str


class SegmentRow(Strict):
    segment: str
    people: Count


class CampaignPlanAnswer(Strict):
    """What schedule_campaign takes: it names nothing else."""

    campaigns: list[CampaignRow]
    segments: list[SegmentRow]
    templates: list[str]


async def read_plan(
    _params: PlanParams, ports: Ports, _occasion: Occasion
) -> CampaignPlanAnswer:
    """Read the plan; staff wrote all of it."""
    found = await ports.campaigns.plan()
    return CampaignPlanAnswer(
        campaigns=[pick(CampaignRow, one) for one in found.campaigns],
        segments=[pick(SegmentRow, one) for one in found.segments],
        templates=list(found.templates),
    )


GET_CAMPAIGN_PLAN = ReadTool(
    name="get_campaign_plan",
    version=1,
    params=PlanParams,
    result=CampaignPlanAnswer,
    read=read_plan,
)
