"""Campaigns: what the platform takes, and when it sends."""

import pytest

from lab.platform.growth import Campaign, usual_campaigns, usual_experiments, why_not

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("segment", "template", "ahead", "why"),
    [
        ("nobody", "welcome", 60, "no segment nobody"),
        ("lapsed-30d", "poem", 60, "no template poem"),
        ("lapsed-30d", "welcome", 0, "not within"),
        ("lapsed-30d", "welcome", 31 * 86_400, "not within"),
    ],
)
def test_what_can_not_start_is_refused(
    segment: str, template: str, ahead: float, why: str
) -> None:
    """With the words that mend it."""
    found = why_not(Campaign("k"), segment, template, starts_at=NOW + ahead, now=NOW)

    assert why in (found or "")


def test_a_campaign_is_sent_at_its_instant() -> None:
    """And a key is used once."""
    campaign = Campaign("k")
    campaign.schedule("lapsed-30d", "come-back", NOW + 60)
    campaign.advance(NOW + 59)
    waiting = campaign.state
    campaign.advance(NOW + 60)

    assert ("scheduled", "sent") == (waiting, campaign.rendered()["state"])
    again = why_not(
        campaign, "lapsed-30d", "come-back", starts_at=NOW + 90, now=NOW + 70
    )
    assert "take a new key" in (again or "")


def test_there_is_something_to_read() -> None:
    """A campaign of the past and one to come, an experiment that runs and one not."""
    sent, planned = usual_campaigns(NOW)
    sent.advance(NOW)

    assert ("sent", "none") == (sent.state, planned.state)
    assert ["running", "draft"] == [one["status"] for one in usual_experiments(NOW)]
