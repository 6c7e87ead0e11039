"""CloudWatch through SNS."""

import pytest

from bot.alerts.parsed import Subscription, SubscriptionStep, UnreadableDelivery
from policy.alert import AlertStatus, Severity
from tests.bot.alerts.amazon import alarm, alarm_event, sns
from tests.bot.alerts.samples import BEGAN_AT, one, parse

SUBSCRIPTION = {
    "Type": "SubscriptionConfirmation",
    "TopicArn": "arn:aws:sns:eu-west-1:111122223333:alarms",
    "Token": "2336412f",
    "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
}


def test_an_alarm_is_read() -> None:
    """In its envelope or without it; the dimension names the service."""
    for body in (sns(alarm()), alarm()):
        alert = one("cloudwatch", body)

        assert ("feed-5xx", "feed", BEGAN_AT, Severity.warning) == (
            alert.title,
            alert.service,
            alert.starts_at,
            alert.severity,
        )
        assert alert.fingerprint.endswith(":alarm:feed-5xx")


def test_an_old_alarm_without_arn_is_known_by_its_place() -> None:
    """Account, region, name."""
    there = one("cloudwatch", alarm(AlarmArn=None, Region="US East"))

    assert one("cloudwatch", alarm(AlarmArn=None)).fingerprint != there.fingerprint


def test_missing_data_is_no_end() -> None:
    """It is worth a look, no more."""
    alert = one("cloudwatch", sns(alarm(NewStateValue="INSUFFICIENT_DATA")))

    assert (AlertStatus.firing, Severity.info) == (alert.status, alert.severity)


@pytest.mark.parametrize("step", SubscriptionStep)
def test_a_subscription_is_no_alert(step: SubscriptionStep) -> None:
    """The endpoint gets what it needs to confirm it, and nothing else."""
    parsed = parse("cloudwatch", {**SUBSCRIPTION, "Type": step.value})

    assert ((), (), ()) == (parsed.alerts, parsed.broken, parsed.ignored)
    assert (
        Subscription(
            step,
            SUBSCRIPTION["TopicArn"],
            SUBSCRIPTION["Token"],
            SUBSCRIPTION["SubscribeURL"],
        )
        == parsed.subscription
    )


@pytest.mark.parametrize("name", ["TopicArn", "Token", "SubscribeURL"])
def test_half_a_subscription_is_refused(name: str) -> None:
    with pytest.raises(UnreadableDelivery, match="needs TopicArn"):
        parse("cloudwatch", {**SUBSCRIPTION, name: None})


def test_what_else_comes_through_sns_is_read() -> None:
    """EventBridge's events, other JSON, and plain words."""
    through = one("cloudwatch", sns(alarm_event("ALARM")))
    other = one("cloudwatch", sns({"title": "budget is spent", "severity": "high"}))
    words = one("cloudwatch", sns("the disk is full"))

    assert "feed-5xx" == through.title
    assert ("budget is spent", Severity.error) == (other.title, other.severity)
    assert ("ALARM: feed", "the disk is full") == (
        words.title,
        words.annotations["message"],
    )


def test_an_empty_notification_is_broken() -> None:
    assert 1 == len(parse("cloudwatch", {"Type": "Notification"}).broken)
