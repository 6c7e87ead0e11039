"""Atlassian Statuspage's webhook: somebody's incident, maintenance or component."""

from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of
from bot.alerts.fields import at, filled, first_text, objects, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert
from bot.alerts.words import severity_of, status_if
from policy.alert import Severity

SOURCE = "statuspage"
_OVER = {"resolved", "postmortem", "completed"}
_COMPONENTS = {
    "operational": Severity.info,
    "under_maintenance": Severity.info,
    "degraded_performance": Severity.warning,
    "partial_outage": Severity.error,
    "major_outage": Severity.critical,
}


def parse_statuspage(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read an incident's update, or a component's.

    A component tells when it changed, not when its trouble began.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    for name in ("incident", "scheduled_maintenance"):
        incident = body.get(name)
        if isinstance(incident, Mapping):
            return _incident(incident, body)
    if isinstance(body.get("component"), Mapping) or "component_update" in body:
        return _component(body)
    if isinstance(body.get("page"), Mapping):
        return Nothing("it tells of the page, of no incident and no component")
    raise UnreadableAlert('expected "incident" or "component" (Statuspage webhook)')


def _incident(
    incident: Mapping[str, object], body: Mapping[str, object]
) -> Draft | Nothing:
    """A maintenance is announced weeks ahead; it begins when it is in progress."""
    update = at(incident, "incident_updates", 0)
    components = objects(at(incident, "components"))
    status = first_text(at(incident, "status"), at(update, "status")).lower()
    number, name = text(at(incident, "id")), text(at(incident, "name"))
    draft = Draft(
        title=first_text(
            name, at(update, "body"), number and f"Statuspage incident {number}"
        ),
        key=f"incident:{number or name}" if number or name else "",
        status=status_if(ended=status in _OVER),
        severity=severity_of(
            "info" if at(incident, "impact") == "maintenance" else None,
            at(incident, "impact"),
        ),
        starts=_start(incident),
        ends=first_text(at(incident, "resolved_at"), at(incident, "updated_at")),
        service=text(at(components, 0, "name")),
        labels=filled(
            page=at(body, "page", "id"),
            impact=at(incident, "impact"),
            incident_state=status,
            components=", ".join(text(one.get("name")) for one in components),
        ),
        annotations=filled(
            update=at(update, "body"), page=at(body, "page", "status_description")
        ),
        links=[at(incident, "shortlink")],
    )
    if status == "scheduled":
        return Nothing("a maintenance that has not begun", _known(draft))
    return draft


def _start(incident: Mapping[str, object]) -> str:
    """
    Give when it began, or was opened again.

    Its updates come newest first: it fires since the one after the last that ended it.
    """
    began = first_text(at(incident, "started_at"), at(incident, "created_at"))
    reopened = ""
    for update in objects(at(incident, "incident_updates")):
        if text(update.get("status")).lower() in _OVER:
            break
        reopened = text(update.get("created_at"))
    else:
        return began
    return reopened or began


def _known(draft: Draft) -> Draft | None:
    return draft if draft.title and draft.key else None


def _component(body: Mapping[str, object]) -> Draft:
    component, update = body.get("component"), body.get("component_update")
    name = text(at(component, "name"))
    number = first_text(at(component, "id"), at(update, "component_id"))
    status = first_text(at(update, "new_status"), at(component, "status")).lower()
    happened = text(at(update, "created_at"))
    over = status == "operational"
    return Draft(
        title=name or (f"Statuspage component {number}" if number else ""),
        key=f"component:{number or name}" if number or name else "",
        status=status_if(ended=over),
        severity=_COMPONENTS.get(status, Severity.warning),
        starts=happened,
        ends=happened,
        service=name,
        labels=filled(page=at(body, "page", "id"), component_state=status),
        annotations=filled(
            was=at(update, "old_status"), page=at(body, "page", "status_description")
        ),
    )
