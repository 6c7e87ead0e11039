"""New Relic's webhooks: workflows' issues, and the incidents of before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, folded, pairs, text
from bot.alerts.generic import guess
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import severity_of, status_of
from policy.alert import AlertStatus

SOURCE = "newrelic"
# Fields by their folded names: issueId, issue_id and ISSUE_ID are one.
_STATES = ("state", "currentstate", "issuestate", "status", "eventtype")
_IDS = ("id", "issueid", "incidentid")
# Of what has an issue's id: else they are guessed.
_OTHER_TITLES = ("summary", "name", "message", "description")
_TITLES = ("title", "issuetitle", "conditionname", "details")


def parse_newrelic(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read an issue or an incident; the template is the user's: other names are guessed.

    An incident's ``timestamp`` is when it was sent: it begins and ends with that.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    event = folded(body)
    named = first_text(event.get("issueid"), event.get("incidentid"))
    title = first_text(
        *(_first(event, name) for name in _TITLES),
        _first(event.get("annotations"), "title"),
        *(_first(event, name) for name in _OTHER_TITLES if named),
        named and f"New Relic issue {named}",
    )
    if not title:
        return guess(body)
    policy = first_text(event.get("policyname"), _first(event, "alertpolicynames"))
    condition = first_text(
        event.get("conditionname"), _first(event, "alertconditionnames")
    )
    entity = first_text(
        at(event, "targets", 0, "name"), _first(event, "impactedentities")
    )
    sent = first_text(event.get("updatedat"), event.get("timestamp"))
    draft = Draft(
        title=title,
        key=_key(event, policy, condition or title, entity),
        status=_status(event),
        severity=severity_of(event.get("priority"), event.get("severity")),
        starts=first_text(event.get("createdat"), event.get("timestamp")),
        ends=first_text(event.get("closedat"), sent),
        labels={
            **pairs(at(event, "targets", 0, "labels")),
            **filled(
                policy=policy,
                condition=condition,
                entity=entity,
                entity_type=at(event, "targets", 0, "type"),
                account=event.get("accountname") or event.get("accountid"),
                workflow=event.get("workflowname"),
            ),
        },
        annotations=filled(
            details=event.get("details"),
            description=_first(at(event, "annotations"), "description"),
            runbook_url=event.get("runbookurl"),
            incidents=event.get("totalincidents"),
        ),
        links=_links(event),
    )
    return draft if draft.labels.get("service") else replace(draft, service=entity)


def _links(event: Mapping[str, object]) -> list[object]:
    return [
        event.get("issueurl") or event.get("issuepageurl"),
        event.get("incidenturl"),
        event.get("runbookurl"),
        event.get("policyurl"),
        event.get("violationcharturl"),
    ]


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
