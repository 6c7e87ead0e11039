"""New Relic's webhooks: workflows' issues, and the incidents of before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, pairs, text
from bot.alerts.generic import guess
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import severity_of, status_of
from policy.alert import AlertStatus

SOURCE = "newrelic"
_STATES = ("state", "current_state", "issueState", "status", "event_type")
_IDS = ("id", "issueId", "incident_id", "incidentId", "issue_id")
_TITLES = ("title", "issueTitle", "condition_name", "conditionName", "details")


def parse_newrelic(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read an issue or an incident; the template is the user's: other names are guessed.

    An incident's ``timestamp`` is when it was sent: it begins and ends with that.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(event: Mapping[str, object]) -> Draft | Nothing:
    title = first_text(
        *(_first(event, name) for name in _TITLES),
        _first(event.get("annotations"), "title"),
    )
    if not title:
        return guess(event)
    policy = first_text(event.get("policy_name"), _first(event, "alertPolicyNames"))
    condition = first_text(
        event.get("condition_name"), _first(event, "alertConditionNames")
    )
    entity = first_text(
        at(event, "targets", 0, "name"), _first(event, "impactedEntities")
    )
    sent = first_text(event.get("updatedAt"), event.get("timestamp"))
    draft = Draft(
        title=title,
        key=_key(event, policy, condition or title, entity),
        status=_status(event),
        severity=severity_of(event.get("priority"), event.get("severity")),
        starts=first_text(event.get("createdAt"), event.get("timestamp")),
        ends=first_text(event.get("closedAt"), sent),
        labels={
            **pairs(at(event, "targets", 0, "labels")),
            **filled(
                policy=policy,
                condition=condition,
                entity=entity,
                entity_type=at(event, "targets", 0, "type"),
                account=event.get("account_name") or event.get("account_id"),
                workflow=event.get("workflowName"),
            ),
        },
        annotations=filled(
            details=event.get("details"),
            description=_first(at(event, "annotations"), "description"),
            runbook_url=event.get("runbook_url"),
            incidents=event.get("totalIncidents"),
        ),
        links=[
            event.get("issueUrl") or event.get("issuePageUrl"),
            event.get("incident_url"),
            event.get("runbook_url"),
            event.get("policy_url"),
            event.get("violation_chart_url"),
        ],
    )
    return draft if draft.labels.get("service") else replace(draft, service=entity)


def _first(event: object, name: str) -> str:
    """Give a field that is text or a list of texts."""
    return first_text(at(event, name), at(event, name, 0))


def _key(event: Mapping[str, object], policy: str, condition: str, entity: str) -> str:
    number = first_text(*(event.get(name) for name in _IDS))
    # A test notification has the incident 0.
    if number and number != "0":
        return f"issue:{number}"
    return f"condition:{hashed(policy, condition, entity)}"


def _status(event: Mapping[str, object]) -> AlertStatus:
    words = [text(event.get(name)).removeprefix("INCIDENT_") for name in _STATES]
    return status_of(*words)
