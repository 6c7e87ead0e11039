"""Subscriptions of Amazon SNS: confirmed for the endpoint's own topics alone."""

import pytest
from structlog.testing import capture_logs

from storage.endpoints import Credentials
from tests.bot.amazon import CERTIFICATE, SUBSCRIBE, TOPIC
from tests.bot.door import BEARER, Door

CONFIRM, ENDED = "SubscriptionConfirmation", "UnsubscribeConfirmation"
PATH = "cloudwatch/acme"
BY_TOPIC = Credentials(topics=(TOPIC,))


def headers(kind: str = CONFIRM) -> dict[str, str]:
    return {"x-amz-sns-message-type": kind}


async def test_a_subscription_of_our_topic_is_confirmed(door: Door) -> None:
    """By getting its address; the answer and the log say so."""
    await door.add("cloudwatch", BY_TOPIC)
    body = door.amazon.message(door.database.clock.now, CONFIRM)
    with capture_logs() as logs:
        answer = await door.post(PATH, body, headers())

    assert (200, {"subscription": "confirmed", "topic": TOPIC}) == (
        answer.status_code,
        answer.json(),
    )
    assert [CERTIFICATE, SUBSCRIBE] == door.amazon.asked
    assert ["webhook.confirmed"] == [one["event"] for one in logs]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/?Action=ConfirmSubscription",
        "http://sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com@evil.example/",
    ],
)
async def test_no_other_host_is_asked_whoever_signed(door: Door, address: str) -> None:
    """502: Amazon sends it again, and nothing was reached."""
    await door.add("cloudwatch", BY_TOPIC)
    now = door.database.clock.now
    body = door.amazon.message(now, CONFIRM, SubscribeURL=address)
    answer = await door.post(PATH, body, headers())

    assert (502, [CERTIFICATE]) == (answer.status_code, door.amazon.asked)


async def test_what_is_not_confirmed_comes_again(door: Door) -> None:
    """5xx while Amazon's address gives nothing; then it is confirmed."""
    await door.add("cloudwatch", BY_TOPIC)
    now = door.database.clock.now
    await door.post(PATH, door.amazon.message(now), headers("Notification"))
    body = door.amazon.message(now, CONFIRM)
    door.amazon.is_away = True
    with capture_logs() as logs:
        first = await door.post(PATH, body, headers())
    door.amazon.is_away = False
    second = await door.post(PATH, body, headers())

    assert (502, 200) == (first.status_code, second.status_code)
    assert ["webhook.not_confirmed"] == [one["event"] for one in logs]


async def test_a_forged_subscription_reaches_nothing(door: Door) -> None:
    """Nor does one of a topic that is another's."""
    await door.add("cloudwatch", BY_TOPIC)
    now = door.database.clock.now
    body = door.amazon.message(now, CONFIRM)
    other = door.amazon.message(now, CONFIRM, TopicArn=f"{TOPIC}x")
    forged = await door.post(PATH, body.replace(b'"t"', b'"u"'), headers())
    foreign = await door.post(PATH, other, headers())

    assert (401, 403) == (forged.status_code, foreign.status_code)
    assert SUBSCRIBE not in door.amazon.asked


async def test_a_token_confirms_nothing(door: Door) -> None:
    """403 with what to do: a token proves who sent it, not whose topic it is."""
    await door.add("cloudwatch")
    body = door.amazon.message(door.database.clock.now, CONFIRM)
    with capture_logs() as logs:
        answer = await door.post(PATH, body, {**headers(), **BEARER})

    assert (403, []) == (answer.status_code, door.amazon.asked)
    assert "--topic ARN" in answer.json()["error"]
    assert [("webhook.not_confirmed", TOPIC)] == [
        (o["event"], o["topic"]) for o in logs
    ]


async def test_the_end_of_a_subscription_is_told_and_not_undone(door: Door) -> None:
    """Its address would subscribe again: whether that is meant, people know."""
    await door.add("cloudwatch", BY_TOPIC)
    body = door.amazon.message(door.database.clock.now, ENDED)
    with capture_logs() as logs:
        answer = await door.post(PATH, body, headers(ENDED))

    assert (200, "ended") == (answer.status_code, answer.json()["subscription"])
    assert [("webhook.unsubscribed", "warning")] == [
        (one["event"], one["log_level"]) for one in logs
    ]
    assert SUBSCRIBE not in door.amazon.asked
