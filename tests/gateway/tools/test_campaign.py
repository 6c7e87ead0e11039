"""schedule_campaign: rehearsed, bounded in time, verified as scheduled."""

from dataclasses import replace

import pytest

from gateway.ports import Refused
from gateway.registry import Settled
from gateway.tools import campaign as tool
from gateway.tools.campaign import CampaignParams, CampaignTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_work import CAMPAIGN

NOW = 1_800_000_000.0
SEEN = CampaignTarget(
    campaign_key=CAMPAIGN,
    state="none",
    segment=None,
    template=None,
    starts_at=None,
    audience=0,
    version=0,
)

HELD: dict[str, object] = {
    "state": "scheduled",
    "segment": "hosts",
    "template": "reminder",
    "starts_at": NOW + 3600,
}


def params(ahead: float = 3600) -> CampaignParams:
    return CampaignParams.model_validate(
        {
            "campaign_key": CAMPAIGN,
            "segment": "hosts",
            "template": "reminder",
            "starts_at": NOW + ahead,
        }
    )


@pytest.fixture(autouse=True)
def standing_clock(outside: Outside) -> None:
    outside.now = lambda: NOW


async def test_reach_is_what_the_rehearsal_says(outside: Outside) -> None:
    """People of the segment."""
    found = await tool.estimate(
        params(), await tool.observe(params(), outside.ports), outside.ports
    )

    assert (1240, "people") == (found.amount, found.unit)


@pytest.mark.parametrize("ahead", [-60, 0, 299, 30 * 86_400 + 1])
async def test_it_starts_between_five_minutes_and_thirty_days(
    outside: Outside, ahead: float
) -> None:
    """Time to stop it by hand."""
    with pytest.raises(Refused, match="choose another instant"):
        await tool.estimate(params(ahead), SEEN, outside.ports)


async def test_what_the_system_refuses_is_not_proposed(outside: Outside) -> None:
    """Nor run: the rehearsal is the same call."""
    outside.campaigns.refusal = "no segment hosts"

    with pytest.raises(Refused, match="no segment"):
        await tool.rehearse(params(), SEEN, outside.ports)


@pytest.mark.parametrize(
    ("state", "done"), [("scheduled", True), ("sent", True), ("none", False)]
)
async def test_verified_when_scheduled_as_meant(
    outside: Outside, state: str, *, done: bool
) -> None:
    """Or sent already."""
    await tool.execute(params(), SEEN, outside.ports, order("k"))
    rows = outside.campaigns.rows
    rows[CAMPAIGN] = replace(rows[CAMPAIGN], state=state)

    assert done is (await tool.verify(params(), SEEN, outside.ports)).done


@pytest.mark.parametrize(
    ("segment", "version", "expected"),
    [
        (None, 0, Settled.not_applied),
        ("hosts", 1, Settled.applied),
        ("lapsed", 1, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(
    segment: str | None, version: int, expected: Settled
) -> None:
    """Somebody else's campaign of this key is not ours."""
    now = SEEN.model_copy(
        update={
            "version": version,
            "state": "scheduled",
            "segment": segment,
            "template": "reminder",
            "starts_at": NOW + 3600,
        }
    )

    assert expected is tool.reconcile(params(), SEEN, now)


def test_it_says_what_it_does() -> None:
    """To whom, what, when."""
    assert "Send reminder to hosts at 2027-01-15 09:00 UTC" == tool.title(params())
    assert ("not scheduled", "scheduled for 2027-01-15 09:00 UTC") == tool.describe(
        params(), SEEN
    )


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ({}, None),
        ({**HELD, "state": "none"}, None),
        ({**HELD, "segment": "lapsed"}, None),
        (
            HELD,
            f"campaign {CAMPAIGN} is scheduled, to start at 2027-01-15 09:00 UTC",
        ),
    ],
)
def test_what_stands_already_is_said(
    now: dict[str, object], stands: str | None
) -> None:
    """Another segment under this key is refused by its rehearsal."""
    assert stands == tool.already(params(), SEEN.model_copy(update=now))
