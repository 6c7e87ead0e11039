"""Google Cloud Monitoring's webhook, and the same through a push of Pub/Sub."""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of
from bot.alerts.fields import at, filled, first_of, first_text, pairs, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert, UnreadableDelivery
from bot.alerts.words import severity_of, status_of

SOURCE = "gcp"
_SERVICES = (
    "service",
    "service_name",
    "app",
    "container_name",
    "function_name",
    "module_id",
    "job",
    "cluster_name",
    "database_id",
)


def parse_gcp(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one incident.

    Raises:
        UnreadableDelivery: it is no object, or a push whose data is no JSON.
    """
    return deliver(SOURCE, events_of(_unwrapped(body)), _read, received_at)


def _unwrapped(body: object) -> object:
    said = at(body, "message", "data")
    if not isinstance(said, str):
        return body
    try:
        return json.loads(b64decode(said, validate=True))
    except (ValueError, RecursionError) as exc:
        raise UnreadableDelivery("message.data is no JSON in Base64") from exc


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    incident = body.get("incident", body)
    if not isinstance(incident, Mapping) or not {"policy_name", "incident_id"} & {
        *incident
    }:
        raise UnreadableAlert('expected an object "incident" (Cloud Monitoring)')
    number = text(incident.get("incident_id"))
    resource = pairs(at(incident, "resource", "labels"))
    users = {
        **pairs(at(incident, "metadata", "system_labels")),
        **pairs(incident.get("policy_user_labels")),
        **pairs(at(incident, "metadata", "user_labels")),
    }
    labels = {**pairs(at(incident, "metric", "labels")), **resource, **users}
    return Draft(
        title=first_text(
            incident.get("summary"),
            at(incident, "documentation", "subject"),
            incident.get("condition_name"),
            incident.get("policy_name"),
            number and f"Cloud Monitoring incident {number}",
        ),
        key=_key(incident),
        status=status_of(incident.get("state")),
        severity=severity_of(incident.get("severity"), labels.get("severity")),
        starts=incident.get("started_at"),
        ends=incident.get("ended_at"),
        service=first_of(labels, _SERVICES) or "",
        labels={
            **labels,
            **filled(
                policy=incident.get("policy_name"),
                condition=incident.get("condition_name"),
                resource=incident.get("resource_display_name")
                or incident.get("resource_name"),
                resource_type=at(incident, "resource", "type"),
                metric=at(incident, "metric", "type"),
                project=incident.get("scoping_project_id"),
            ),
        },
        annotations=filled(
            documentation=at(incident, "documentation", "content"),
            observed=incident.get("observed_value"),
            threshold=incident.get("threshold_value"),
        ),
        links=[
            incident.get("url"),
            at(incident, "documentation", "links", 0, "url"),
        ],
    )


def _key(incident: Mapping[str, object]) -> str:
    number = text(incident.get("incident_id"))
    return f"incident:{number}" if number else text(incident.get("policy_name"))
