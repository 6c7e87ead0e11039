"""
Amazon EventBridge's events, as an API destination posts them.

Alarms of CloudWatch, AWS Health, findings of GuardDuty and Security Hub are known;
of others the detail type, the resource and the state count.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import (
    at,
    compact,
    filled,
    first_text,
    objects,
    pairs,
    quoted,
    text,
)
from bot.alerts.generic import guess
from bot.alerts.moments import moment
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import severity_of, status_if, status_of
from policy.alert import AlertStatus, Severity

SOURCE = "eventbridge"
# Dimensions of CloudWatch that name what is operated, best first.
SERVICE_DIMENSIONS = (
    "ServiceName",
    "FunctionName",
    "ApiName",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "QueueName",
    "TableName",
    "ClusterName",
    "LoadBalancer",
    "AutoScalingGroupName",
)
_FINDING_OVER = {"ARCHIVED", "RESOLVED", "SUPPRESSED"}
# AWS's own states, by their documented meaning; what is in none has failed.
_WELL = {"AVAILABLE", "PASSED"}
# On its way, or given up by a person or for a newer run: no failure and no end.
_NO_NEWS = {
    "ACTIVATING",
    "CANCELED",
    "CANCELLED",
    "CREATED",
    "DEACTIVATING",
    "DEPROVISIONING",
    "IN_PROGRESS",
    "INPROGRESS",
    "PENDING",
    "PROVISIONING",
    "QUEUED",
    "RESUMED",
    "RUNNABLE",
    "SHUTTING-DOWN",
    "STARTED",
    "STARTING",
    "STOPPING",
    "SUBMITTED",
    "SUPERSEDED",
}
# Of ECS: its scheduler or a person stopped the task.
_MEANT = {"SERVICESCHEDULERINITIATED", "USERINITIATED"}
_STATES = ("build-status", "status", "state", "lastStatus", "State", "result")
# GuardDuty counts to 10; from these on it says critical, high, medium.
_FINDINGS = ((9.0, Severity.critical), (7.0, Severity.error), (4.0, Severity.warning))


def parse_eventbridge(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one event; of Security Hub's, finding by finding.

    Raises:
        UnreadableDelivery: it is no object.
    """
    findings = objects(at(body, "detail", "findings"))
    if findings and isinstance(body, Mapping):
        split = [{**body, "detail": finding} for finding in findings]
        return deliver(SOURCE, split, _finding, received_at)
    return deliver(SOURCE, events_of(body), read_event, received_at)


def read_event(event: Mapping[str, object]) -> Draft | Nothing:
    """Read an event in its envelope, or an alarm as Lambda is given it."""
    detail = event.get("detail", event.get("alarmData"))
    if not isinstance(detail, Mapping):
        return guess(event)
    kind = first_text(event.get("detail-type"), event.get("source"))
    if kind == "Scheduled Event":
        return Nothing("a scheduled event: the clock's, no alert")
    if isinstance(detail.get("state"), Mapping) and "alarmName" in detail:
        return _alarm(event, detail)
    if "eventTypeCode" in detail:
        return _health(event, detail)
    return _other(event, detail, kind)


def alarm_state(word: object) -> AlertStatus:
    """An alarm without data has not ended: nobody knows."""
    return status_if(ended=text(word).upper() == "OK")


def alarm_severity(state: object, *words: object) -> Severity:
    """CloudWatch knows none; one whose data is missing is worth a look, no more."""
    if text(state).upper() == "INSUFFICIENT_DATA":
        return Severity.info
    return severity_of(None, *words)


def _alarm(event: Mapping[str, object], detail: Mapping[str, object]) -> Draft:
    state = at(detail, "state", "value")
    metric = at(detail, "configuration", "metrics", 0, "metricStat", "metric")
    dimensions = pairs(at(metric, "dimensions"))
    arn = first_text(event.get("alarmArn"), at(event, "resources", 0))
    happened = first_text(at(detail, "state", "timestamp"), event.get("time"))
    return Draft(
        title=text(detail.get("alarmName")),
        key=arn or _place(event, detail.get("alarmName")),
        status=alarm_state(state),
        severity=alarm_severity(state),
        starts=happened,
        ends=happened,
        service=first_text(*(dimensions.get(name) for name in SERVICE_DIMENSIONS)),
        labels={
            **dimensions,
            **_whereabouts(event),
            **filled(
                alarm_state=state,
                metric=at(metric, "name"),
                metric_namespace=at(metric, "namespace"),
            ),
        },
        annotations=filled(
            reason=at(detail, "state", "reason"),
            description=at(detail, "configuration", "description"),
        ),
    )


def _health(
    event: Mapping[str, object], detail: Mapping[str, object]
) -> Draft | Nothing:
    code, category = text(detail.get("eventTypeCode")), detail.get("eventTypeCategory")
    issue = text(category) == "issue"
    draft = Draft(
        title=f"AWS Health: {text(detail.get('service'))} {code}",
        key=first_text(detail.get("eventArn")) or _place(event, code),
        status=status_of(detail.get("statusCode")),
        severity=Severity.warning if issue else Severity.info,
        starts=first_text(detail.get("startTime"), event.get("time")),
        ends=detail.get("endTime"),
        labels={
            **_whereabouts(event),
            **filled(aws_service=detail.get("service"), category=category, code=code),
        },
        annotations=filled(
            description=at(detail, "eventDescription", 0, "latestDescription")
        ),
    )
    if text(detail.get("statusCode")).lower() == "upcoming":
        return Nothing("upcoming: it has not begun", draft)
    return draft


def _finding(event: Mapping[str, object]) -> Draft:
    """
    One finding of Security Hub: its fields begin with a capital.

    Like an alarm it tells when its state changed; first observed it stays for ever.
    """
    finding = event["detail"]
    said = {text(at(finding, "RecordState")), text(at(finding, "Workflow", "Status"))}
    resource = text(at(finding, "Resources", 0, "Id"))
    happened = _changed(event, finding)
    return Draft(
        title=text(at(finding, "Title")),
        key=text(at(finding, "Id")),
        status=status_if(ended=bool(said & _FINDING_OVER)),
        severity=severity_of(at(finding, "Severity", "Label")),
        starts=happened or at(finding, "CreatedAt"),
        ends=happened,
        labels={
            **_whereabouts(event),
            **filled(product=at(finding, "ProductName"), resource=resource),
        },
        annotations=filled(
            description=at(finding, "Description"),
            first_observed=at(finding, "FirstObservedAt"),
        ),
        links=[at(finding, "SourceUrl")],
    )


def _changed(event: Mapping[str, object], finding: object) -> str:
    """
    Give the later of the event's time and UpdatedAt.

    A person's change of the workflow leaves UpdatedAt (Security Hub's API,
    BatchUpdateFindings).
    """
    said = (moment(event.get("time")), moment(at(finding, "UpdatedAt")))
    known = [one for one in said if one is not None]
    return max(known).isoformat() if known else ""


def _other(
    event: Mapping[str, object], detail: Mapping[str, object], kind: str
) -> Draft | Nothing:
    resource = first_text(at(event, "resources", 0), detail.get("SourceArn"))
    # A build's resource is that build alone; a job of Glue has none.
    project, job = text(detail.get("project-name")), text(detail.get("jobName"))
    said = first_text(*(detail.get(name) for name in ("title", "Title", "Message")))
    name = project or resource.rpartition(":")[2].rpartition("/")[2] or job
    state = first_text(*(detail.get(name) for name in _STATES))
    own = first_text(
        detail.get("id"), project, resource, detail.get("instance-id"), job
    )
    draft = Draft(
        title=said or " ".join(filter(None, (f"{kind}:" if name else kind, name))),
        key=f"{kind}:{own}" if own else _place(event, kind),
        status=status_of(state),
        severity=_detail_severity(detail),
        starts=first_text(detail.get("createdAt"), event.get("time")),
        ends=first_text(detail.get("updatedAt"), event.get("time")),
        labels={**_whereabouts(event), **filled(resource=resource, state=state)},
        annotations={
            **filled(description=detail.get("description")),
            "detail": compact(detail),
        },
    )
    if not text(event.get("source")).startswith("aws."):
        return draft
    known = draft.status is AlertStatus.resolved
    ended = _has_ended(detail, state.upper(), known=known)
    if ended is None:
        return Nothing(f"{kind[:60]}: {quoted(state)} is no failure and no end", draft)
    return replace(draft, status=status_if(ended=ended))


def _has_ended(detail: Mapping[str, object], state: str, *, known: bool) -> bool | None:
    """
    Tell of an AWS service's state whether it is well again; None of one on its way.

    A run that goes on is on its way, but an instance or a task that runs is well.
    """
    if "eventType" in detail:
        return _has_settled(detail)
    if state == "RUNNING":
        return True if {"lastStatus", "instance-id"} & {*detail} else None
    if state == "STOPPED" and "lastStatus" in detail:
        return _was_meant(detail)
    if state in _NO_NEWS:
        return None
    return known or state in _WELL | _FINDING_OVER


def _has_settled(detail: Mapping[str, object]) -> bool | None:
    """Amazon ECS says of a service or a deployment INFO, WARN or ERROR."""
    if text(detail.get("eventType")).upper() != "INFO":
        return False
    name = text(detail.get("eventName")).upper()
    return True if name.endswith(("STEADY_STATE", "COMPLETED")) else None


def _was_meant(detail: Mapping[str, object]) -> bool:
    """A stopped task has failed, but one that ended by itself or was to be stopped."""
    code = text(detail.get("stopCode")).upper()
    exits = [one.get("exitCode") for one in objects(detail.get("containers"))]
    done = code == "ESSENTIALCONTAINEREXITED" and bool(exits) and not any(exits)
    return done or code in _MEANT


def _detail_severity(detail: Mapping[str, object]) -> Severity:
    said = detail.get("severity")
    if isinstance(said, int | float) and not isinstance(said, bool):
        return next((word for least, word in _FINDINGS if said >= least), Severity.info)
    of_event = detail.get("eventType")
    return severity_of(said, at(said, "Label"), at(said, "label"), of_event)


def _whereabouts(event: Mapping[str, object]) -> dict[str, str]:
    return filled(
        account=event.get("account") or event.get("accountId"),
        region=event.get("region"),
        event_source=event.get("source"),
        detail_type=event.get("detail-type"),
    )


def _place(event: Mapping[str, object], name: object) -> str:
    where = _whereabouts(event)
    return hashed(*(where.get(part, "") for part in ("account", "region")), text(name))
