"""Hold notification campaigns, whom they would reach, and the experiments."""

from collections.abc import Iterable
from dataclasses import dataclass

from lab.clock import iso
from lab.json_object import JsonObject
from lab.platform.people import DAY, iso_or_none

SEGMENTS = {"gathering-hosts": 1240, "lapsed-30d": 48_210, "new-this-week": 9800}
TEMPLATES = ("come-back", "gathering-reminder", "welcome")
LONGEST_AHEAD_SECONDS = 30 * DAY


@dataclass
class Campaign:
    """A key that nobody used is a campaign of state `none`, version 0."""

    campaign_key: str
    state: str = "none"
    segment: str | None = None
    template: str | None = None
    starts_at: float | None = None
    audience: int = 0
    version: int = 0

    def schedule(self, segment: str, template: str, starts_at: float) -> None:
        self.state, self.segment, self.template = "scheduled", segment, template
        self.starts_at, self.audience = starts_at, SEGMENTS[segment]
        self.version += 1

    def advance(self, now: float) -> None:
        due = self.starts_at is not None and self.starts_at <= now
        if self.state == "scheduled" and due:
            self.state = "sent"

    def rendered(self) -> JsonObject:
        return {
            "campaign_key": self.campaign_key,
            "state": self.state,
            "segment": self.segment,
            "template": self.template,
            "starts_at": iso_or_none(self.starts_at),
            "audience": self.audience,
            "version": self.version,
        }


def why_not(
    campaign: Campaign, segment: str, template: str, *, starts_at: float, now: float
) -> str | None:
    """Say why the platform would not schedule it; None where it would."""
    if campaign.state != "none":
        return f"campaign {campaign.campaign_key} is {campaign.state}; take a new key"
    if segment not in SEGMENTS:
        return f"no segment {segment}; there are: {', '.join(sorted(SEGMENTS))}"
    if template not in TEMPLATES:
        return f"no template {template}; there are: {', '.join(TEMPLATES)}"
    if not now < starts_at <= now + LONGEST_AHEAD_SECONDS:
        return "starts_at is not within the next 30 days"
    return None


def plan(campaigns: Iterable[Campaign]) -> JsonObject:
    """Give what a campaign is made of."""
    return {
        "campaigns": [one.rendered() for one in campaigns],
        "segments": [
            {"segment": name, "people": people} for name, people in SEGMENTS.items()
        ],
        "templates": list(TEMPLATES),
    }


def usual_campaigns(now: float) -> list[Campaign]:
    """Give one that went out, and one that waits for its hour."""
    sent = Campaign("welcome-spring", version=1)
    sent.schedule("new-this-week", "welcome", now - 3 * DAY)
    return [sent, Campaign("gathering-autumn")]


def usual_experiments(now: float) -> list[JsonObject]:
    return [
        {
            "key": "ranker-v2",
            "name": "New ranker for threads",
            "status": "running",
            "phase": "main",
            "started_at": iso(now - 12 * DAY),
            "coverage": 0.5,
            "variations": ["control", "ranker"],
            "results": [
                result("replies_per_user", "control", 51_200, 2.31, None),
                result("replies_per_user", "ranker", 50_870, 2.52, 0.94),
            ],
        },
        {
            "key": "gathering-invites",
            "name": "Invite friends to a Gathering",
            "status": "draft",
            "phase": "none",
            "started_at": None,
            "coverage": 0.0,
            "variations": ["control", "invite"],
            "results": [],
        },
    ]


def result(
    metric: str, variation: str, users: int, value: float, chance: float | None
) -> JsonObject:
    return {
        "metric": metric,
        "variation": variation,
        "users": users,
        "value": value,
        "chance_to_win": chance,
    }
