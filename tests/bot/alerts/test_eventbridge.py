"""EventBridge's events."""

from datetime import datetime

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.amazon import alarm_event, event
from tests.bot.alerts.samples import (
    BEGAN,
    BEGAN_AT,
    ENDED,
    ENDED_AT,
    NOW,
    Json,
    one,
    parse,
)


def aws(source: str, kind: str, **detail: object) -> Json:
    return {**event(kind, **detail), "source": f"aws.{source}"}


def ended_task(code: int) -> Json:
    return aws(
        "ecs",
        "ECS Task",
        lastStatus="STOPPED",
        stopCode="EssentialContainerExited",
        containers=[{"exitCode": code}],
    )


def test_an_alarm_is_read() -> None:
    """Known by its ARN, since its state changed."""
    alert = one("eventbridge", alarm_event("ALARM"))

    assert ("feed-5xx", "feed", BEGAN_AT, Severity.warning) == (
        alert.title,
        alert.service,
        alert.starts_at,
        alert.severity,
    )
    assert alert.fingerprint.startswith("eventbridge:arn:aws:cloudwatch:")


def test_an_alarm_without_data_has_not_ended() -> None:
    alert = one("eventbridge", alarm_event("INSUFFICIENT_DATA"))

    assert (AlertStatus.firing, Severity.info) == (alert.status, alert.severity)


def test_an_alarm_as_lambda_gets_it_is_read() -> None:
    data = {"alarmName": "x", "state": {"value": "OK", "timestamp": BEGAN}}
    body = {"source": "aws.cloudwatch", "alarmArn": "arn:aws:x", "alarmData": data}

    assert AlertStatus.resolved is one("eventbridge", body).status


@pytest.mark.parametrize(
    ("code", "status"), [("open", AlertStatus.firing), ("closed", AlertStatus.resolved)]
)
def test_aws_health_is_read(code: str, status: AlertStatus) -> None:
    """An issue is a warning, a scheduled change news."""
    detail = {
        "eventArn": "arn:aws:health:eu-west-1::event/1",
        "service": "EC2",
        "eventTypeCode": "AWS_EC2_OPERATIONAL_ISSUE",
        "eventTypeCategory": "issue",
        "statusCode": code,
        "startTime": "Fri, 02 Jan 2026 03:04:05 GMT",
    }
    alert = one("eventbridge", event("AWS Health Event", **detail))
    planned = {**detail, "eventTypeCategory": "scheduledChange"}

    assert (status, BEGAN_AT, Severity.warning) == (
        alert.status,
        alert.starts_at,
        alert.severity,
    )
    assert Severity.info is one("eventbridge", event("x", **planned)).severity


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (9.5, Severity.critical),
        (8, Severity.error),
        (5, Severity.warning),
        (2, Severity.info),
        ("HIGH", Severity.error),
        (True, Severity.warning),
        (None, Severity.warning),
    ],
)
def test_guard_duty_counts_to_ten(severity: object, expected: Severity) -> None:
    detail = {"id": "f1", "title": "a strange login", "severity": severity}

    assert expected is one("eventbridge", event("GuardDuty Finding", **detail)).severity


def test_security_hub_sends_findings() -> None:
    """Each is an alert; an archived one has ended."""
    found = {"Title": "open bucket", "Severity": {"Label": "CRITICAL"}}
    findings = [{**found, "Id": "1"}, {**found, "Id": "2", "RecordState": "ARCHIVED"}]
    parsed = parse("eventbridge", event("Security Hub Findings", findings=findings))

    assert [AlertStatus.firing, AlertStatus.resolved] == [
        alert.status for alert in parsed.alerts
    ]
    assert {Severity.critical} == {alert.severity for alert in parsed.alerts}


@pytest.mark.parametrize(
    ("time", "updated", "expected"),
    [
        (BEGAN, ENDED, ENDED_AT),
        (ENDED, BEGAN, ENDED_AT),
        (None, ENDED, ENDED_AT),
        (None, None, NOW),
    ],
)
def test_a_finding_that_came_back_fires_anew(
    time: str | None, updated: str | None, expected: datetime
) -> None:
    """Since the later of event and update; a person's change is no update."""
    finding = {
        "Id": "1",
        "Title": "open bucket",
        "FirstObservedAt": "2025-01-01T00:00:00Z",
        "UpdatedAt": updated,
        "Workflow": {"Status": "NEW"},
    }
    over = {**finding, "Workflow": {"Status": "RESOLVED"}}
    body = {**event("Security Hub Findings", findings=[finding, over]), "time": time}
    fired, ended = parse("eventbridge", body).alerts

    assert (expected, expected) == (fired.starts_at, ended.ends_at)
    assert "2025-01-01T00:00:00Z" == fired.annotations["first_observed"]


def test_of_others_type_resource_and_state_count() -> None:
    """Never the event's id, which is another each time."""
    kind = "CodePipeline Pipeline Execution State Change"
    failed, done = (
        one("eventbridge", event(kind, state=state))
        for state in ("FAILED", "SUCCEEDED")
    )

    assert f"{kind}: feed-5xx" == failed.title
    assert (AlertStatus.firing, AlertStatus.resolved) == (failed.status, done.status)
    assert failed.fingerprint == done.fingerprint


def test_the_clock_is_nothing_to_tell() -> None:
    assert 1 == len(parse("eventbridge", event("Scheduled Event")).ignored)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (aws("ec2", "EC2", **{"instance-id": "i-1"}, state="running"), "resolved"),
        (aws("ec2", "EC2", **{"instance-id": "i-1"}, state="stopped"), "firing"),
        (aws("ecs", "ECS Task", lastStatus="RUNNING"), "resolved"),
        (aws("ecs", "ECS Task", lastStatus="STOPPED"), "firing"),
        (
            aws("ecs", "ECS Task", lastStatus="STOPPED", stopCode="UserInitiated"),
            "resolved",
        ),
        (ended_task(1), "firing"),
        (ended_task(0), "resolved"),
        (
            aws("ecs", "x", eventType="INFO", eventName="SERVICE_STEADY_STATE"),
            "resolved",
        ),
        (
            aws("ecs", "x", eventType="ERROR", eventName="SERVICE_DEPLOYMENT_FAILED"),
            "firing",
        ),
        (aws("codebuild", "x", **{"build-status": "SUCCEEDED"}), "resolved"),
        (aws("codebuild", "x", **{"build-status": "FAILED"}), "firing"),
        (aws("states", "x", status="TIMED_OUT"), "firing"),
        (aws("ec2", "EBS Volume Notification", result="available"), "resolved"),
        (aws("rds", "RDS DB Cluster", status="available"), "resolved"),
        (aws("inspector2", "x", status="SUPPRESSED"), "resolved"),
    ],
)
def test_a_state_of_aws_is_well_or_has_failed(body: Json, status: str) -> None:
    """By what it documents; what is not known fires."""
    assert status == one("eventbridge", body).status


@pytest.mark.parametrize(
    "body",
    [
        aws("ec2", "EC2", **{"instance-id": "i-1"}, state="pending"),
        aws("ecs", "ECS Task", lastStatus="PROVISIONING"),
        aws("ecs", "x", eventType="INFO", eventName="SERVICE_DEPLOYMENT_IN_PROGRESS"),
        aws("codebuild", "x", **{"build-status": "IN_PROGRESS"}),
        aws("states", "x", status="RUNNING"),
        aws("codepipeline", "x", state="SUPERSEDED"),
        aws("health", "x", eventTypeCode="x", service="EC2", statusCode="upcoming"),
    ],
)
def test_what_is_on_its_way_is_nothing_to_tell(body: Json) -> None:
    [ignored] = parse("eventbridge", body).ignored

    assert ignored.about


def test_a_build_is_known_by_its_project() -> None:
    """Each build has another resource: no end would be its failure's."""
    failed, built = (
        one(
            "eventbridge",
            {
                **aws(
                    "codebuild",
                    "CodeBuild Build State Change",
                    **{"build-status": word, "project-name": "feed"},
                ),
                "resources": [f"arn:aws:codebuild:eu-west-1:1:build/feed:{word}"],
            },
        )
        for word in ("FAILED", "SUCCEEDED")
    )

    assert failed.fingerprint == built.fingerprint
    assert "CodeBuild Build State Change: feed" == failed.title


def test_a_database_says_its_title() -> None:
    """RDS sends words, and no state."""
    detail = {"Message": "Storage is full", "SourceArn": "arn:aws:rds:x:1:db:feed"}
    alert = one("eventbridge", aws("rds", "RDS DB Instance Event", **detail))

    assert ("Storage is full", AlertStatus.firing) == (alert.title, alert.status)


def test_a_state_of_ones_own_events_is_a_usual_word() -> None:
    """What is on its way at AWS may be a trouble of another's."""
    body = {**event("backup", state="pending"), "source": "acme.backup"}

    assert AlertStatus.firing is one("eventbridge", body).status
