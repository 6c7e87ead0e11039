"""get_campaign_plan: what a campaign may be made of."""

from gateway.grounding import Grounding, Source, ground
from gateway.registry import Occasion
from gateway.tools.campaign_plan import GET_CAMPAIGN_PLAN, PlanParams, read_plan
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_work import CAMPAIGN

ASKED = {"campaign_key": CAMPAIGN, "segment": "hosts", "template": "reminder"}


async def seen(outside: Outside) -> Source:
    found = await read_plan(PlanParams(), outside.ports, Occasion(SCOPE, 0, None, None))
    return Source(found.model_dump_json(), GET_CAMPAIGN_PLAN.tainted_fields)


async def test_a_campaign_is_cited_whole(outside: Outside) -> None:
    """Key, segment and template, none of them anybody's words."""
    found = ground(ASKED, [await seen(outside)])

    assert Grounding(uncited=(), tainted=False) == found


async def test_what_nobody_set_up_is_not_cited(outside: Outside) -> None:
    """A key that the proposer made up among it."""
    made_up = {"campaign_key": "mine", "segment": "everybody", "template": "reminder"}
    found = ground(made_up, [await seen(outside)])

    assert ("campaign_key", "segment") == found.uncited
