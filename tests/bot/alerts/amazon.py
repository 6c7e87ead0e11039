"""Samples of Amazon's: alarms, in SNS's envelope and EventBridge's."""

import json

from tests.bot.alerts.samples import BEGAN, Json


def sns(alarm: object, **fields: object) -> Json:
    return {
        "Type": "Notification",
        "MessageId": "m1",
        "TopicArn": "arn:aws:sns:eu-west-1:111122223333:alarms",
        "Subject": "ALARM: feed",
        "Message": alarm if isinstance(alarm, str) else json.dumps(alarm),
        "Timestamp": BEGAN,
        **fields,
    }


def alarm(**changes: object) -> Json:
    return {
        "AlarmName": "feed-5xx",
        "AlarmDescription": "too many errors",
        "AWSAccountId": "111122223333",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed",
        "StateChangeTime": "2026-01-02T03:04:05.000+0000",
        "Region": "EU (Ireland)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:feed-5xx",
        "OldStateValue": "OK",
        "Trigger": {
            "MetricName": "5XXError",
            "Namespace": "AWS/ECS",
            "Dimensions": [{"name": "ServiceName", "value": "feed"}],
        },
        **changes,
    }


def event(kind: str = "CloudWatch Alarm State Change", **detail: object) -> Json:
    return {
        "version": "0",
        "id": "c4c1c1c9",
        "detail-type": kind,
        "source": "aws.cloudwatch",
        "account": "111122223333",
        "time": BEGAN,
        "region": "eu-west-1",
        "resources": ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:feed-5xx"],
        "detail": detail,
    }


def alarm_event(state: str) -> Json:
    metric = {"namespace": "AWS/Lambda", "dimensions": {"FunctionName": "feed"}}
    return event(
        alarmName="feed-5xx",
        state={"value": state, "reason": "crossed", "timestamp": BEGAN},
        configuration={"metrics": [{"metricStat": {"metric": metric}}]},
    )
