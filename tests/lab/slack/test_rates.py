"""Slack's rate limits in the lab's workspace, as Slack publishes them."""

import json
from pathlib import Path

import pytest

from lab.slack.rates import PER_MINUTE, TIER_2, TIER_3, TIER_4, Rates
from lab.slack.web_api import methods
from tests.lab.world import BOT_TOKEN, CHANNEL, World

TIERS = (
    Path(__file__).parents[4] / "shared" / "data" / "slack" / "rate_limit_tiers.json"
)
# Of blocks.validate Slack says that it has limits of its own, and not which.
UNPUBLISHED = {"api.test", "blocks.validate"}
BY_TIER = {"Tier2": TIER_2, "Tier3": TIER_3, "Tier4": TIER_4}


def test_each_method_has_its_published_tier() -> None:
    """All that the workspace serves, but for those with a tier of their own."""
    if not TIERS.exists():
        pytest.skip(f"no {TIERS.name} beside this checkout")
    published = json.loads(TIERS.read_text())
    served = set(methods()) - UNPUBLISHED
    wanted = {
        name: BY_TIER[published[name]] for name in served if published[name] in BY_TIER
    }

    assert wanted == {name: PER_MINUTE[name] for name in wanted}
    assert served <= set(PER_MINUTE)


def test_a_channel_takes_sixty_posts_a_minute() -> None:
    """The next one waits for the oldest to be a minute old; other channels go on."""
    rates = Rates(on=True)
    first = [rates.take("chat.postMessage", "C1", now=100.0 + n) for n in range(60)]
    refused = rates.take("chat.postMessage", "C1", now=159.5)
    other = rates.take("chat.postMessage", "C2", now=159.5)
    later = rates.take("chat.postMessage", "C1", now=160.0)

    assert [0] * 60 == first
    assert (1, 0, 0) == (refused, other, later)
    assert {"chat.postMessage": 1} == dict(rates.refused)


def test_a_refused_call_counts_for_nothing() -> None:
    """Whoever asks on and on is let in as early as whoever waits."""
    rates = Rates(on=True)
    for n in range(50):
        rates.take("chat.update", "C1", now=float(n) / 100)
    for n in range(50):
        rates.take("chat.update", "C2", now=1.0 + n)

    assert 0 == rates.take("chat.update", "C1", now=60.0)


def test_a_channel_takes_ten_posts_at_once() -> None:
    """A burst waits as long as its oldest post needs to be ten seconds old."""
    rates = Rates(on=True)
    waits = [
        rates.take("chat.postMessage", "C1", now=100.0 + n) for n in (0, *[3] * 10)
    ]

    assert [0] * 10 + [7] == waits


async def test_a_call_over_its_rate_is_answered_as_slack_does(world: World) -> None:
    """HTTP 429 with ``Retry-After``, once the limits are on; nothing is posted."""
    await world.post("/lab/slack/rates", {"on": True})
    answers = [
        await world.http.post(
            "/api/chat.postMessage",
            json={"channel": CHANNEL, "text": "hello"},
            headers={"authorization": f"Bearer {BOT_TOKEN}"},
        )
        for _ in range(11)
    ]
    stats = (await world.http.get("/lab/slack/stats")).json()

    assert {200} == {one.status_code for one in answers[:10]}
    assert (429, "ratelimited") == (
        answers[10].status_code,
        answers[10].json()["error"],
    )
    assert 0 < int(answers[10].headers["retry-after"]) <= 10
    assert {"chat.postMessage": 1} == stats["refused_by_rate"]
    assert 10 == stats["posts"][CHANNEL]


async def test_the_limits_are_off_until_they_are_asked_for(world: World) -> None:
    """A demo has not to wait."""
    for _ in range(70):
        answer = await world.http.post(
            "/api/chat.postMessage",
            json={"channel": CHANNEL, "text": "hello"},
            headers={"authorization": f"Bearer {BOT_TOKEN}"},
        )

    assert 200 == answer.status_code
