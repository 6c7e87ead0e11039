"""
CloudWatch's alarms, in Amazon SNS's envelope or without it.

A message that asks to confirm a subscription (or says that it was ended) is no alert:
it is given as a ``Subscription``, for the endpoint to act on.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.eventbridge import (
    SERVICE_DIMENSIONS,
    alarm_severity,
    alarm_state,
    read_event,
)
from bot.alerts.fields import at, filled, first_text, pairs, text
from bot.alerts.generic import guess
from bot.alerts.parsed import (
    ParsedDelivery,
    Subscription,
    SubscriptionStep,
    UnreadableAlert,
    UnreadableDelivery,
)

SOURCE = "cloudwatch"


def parse_cloudwatch(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read a notification of SNS, a message about its subscription, or a bare alarm.

    A change of state is all that CloudWatch tells: an alarm begins and ends with it.

    Raises:
        UnreadableDelivery: it is no object, or a subscription's without what it needs.
    """
    kind = text(at(body, "Type"))
    if kind in {step.value for step in SubscriptionStep}:
        return ParsedDelivery((), subscription=_subscription(body, kind))
    return deliver(SOURCE, events_of(body), _read, received_at)


def _subscription(body: object, kind: str) -> Subscription:
    found = Subscription(
        step=SubscriptionStep(kind),
        topic_arn=text(at(body, "TopicArn")),
        token=text(at(body, "Token")),
        subscribe_url=text(at(body, "SubscribeURL")),
    )
    if not (found.topic_arn and found.token and found.subscribe_url):
        raise UnreadableDelivery(f"a {kind} needs TopicArn, Token and SubscribeURL")
    return found


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    message = body.get("Message", body if "Type" not in body else None)
    if isinstance(message, str):
        message = _decoded(message)
    subject, sent = body.get("Subject"), body.get("Timestamp")
    if isinstance(message, Mapping):
        if "AlarmName" in message:
            return _alarm(message, sent)
        if "detail" in message or "alarmData" in message:
            return read_event(message)
        return guess({"subject": subject, "timestamp": sent, **message})
    if not text(message) and not text(subject):
        raise UnreadableAlert("a notification needs Message, an alarm in JSON")
    title = first_text(subject, message)
    return Draft(
        title=title,
        key=f"message:{hashed(text(body.get('TopicArn')), title)}",
        status=alarm_state(None),
        severity=alarm_severity(None),
        starts=sent,
        labels=filled(topic=text(body.get("TopicArn")).rpartition(":")[2]),
        annotations=filled(message=message),
    )


def _decoded(message: str) -> object:
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return message


def _alarm(alarm: Mapping[str, object], sent: object) -> Draft:
    state, trigger = alarm.get("NewStateValue"), alarm.get("Trigger")
    dimensions = pairs(at(trigger, "Dimensions"))
    arn, name = text(alarm.get("AlarmArn")), text(alarm.get("AlarmName"))
    account, region = text(alarm.get("AWSAccountId")), text(alarm.get("Region"))
    happened = first_text(alarm.get("StateChangeTime"), sent)
    return Draft(
        title=name,
        key=arn or (f"alarm:{account}:{region}:{name}" if name else ""),
        status=alarm_state(state),
        severity=alarm_severity(state, alarm.get("Severity"), alarm.get("Priority")),
        starts=happened,
        ends=happened,
        service=first_text(*(dimensions.get(one) for one in SERVICE_DIMENSIONS)),
        labels={
            **dimensions,
            **filled(
                account=account,
                region=region,
                alarm_state=state,
                metric=at(trigger, "MetricName") or alarm.get("MetricName"),
                metric_namespace=at(trigger, "Namespace") or alarm.get("Namespace"),
            ),
        },
        annotations=filled(
            description=alarm.get("AlarmDescription"),
            reason=alarm.get("NewStateReason"),
            was=alarm.get("OldStateValue"),
        ),
    )
