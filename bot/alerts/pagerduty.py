"""PagerDuty's webhooks: v3, and the older v2 and v1; and the API's own incident."""

from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert, UnreadableDelivery
from bot.alerts.words import find_severity, status_if
from policy.alert import AlertStatus, Severity

SOURCE = "pagerduty"
# PagerDuty's own words for high urgency: critical and error.
_URGENCIES = {"high": Severity.error, "low": Severity.warning}
_NO_NEWS = ("annotate", "annotated")


def parse_pagerduty(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read a v3 event, the messages of v2 and v1, or incidents.

    An acknowledged incident still fires; notes, pings and changes of a service are
    nothing to tell.

    Raises:
        UnreadableDelivery: it is none of these.
    """
    if isinstance(body, Mapping):
        for name in ("messages", "incidents"):
            if name in body:
                if not isinstance(body[name], list):
                    raise UnreadableDelivery(f'expected a list "{name}"')
                return deliver(SOURCE, body[name], _read, received_at)
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(event: Mapping[str, object]) -> Draft | Nothing:
    if isinstance(event.get("event"), Mapping):
        return _read_v3(event)
    kind = first_text(event.get("event"), event.get("type"))
    incident = event.get("incident") or at(event, "data", "incident")
    if not isinstance(incident, Mapping):
        if "incident_number" in event or kind == "incident":
            return _incident(event, "", None)
        return _without_incident(event, kind)
    happened = first_text(event.get("created_on"), event.get("created_at"))
    told = _incident(incident, kind, happened)
    if _word(kind) in _NO_NEWS:
        reason = f"{kind}: a note says nothing of whether the incident lasts"
        return Nothing(reason, told)
    return told


def _read_v3(body: Mapping[str, object]) -> Draft | Nothing:
    """Of v3's many events those count that carry the incident itself."""
    kind = text(at(body, "event", "event_type"))
    incident = at(body, "event", "data")
    if not kind:
        raise UnreadableAlert("an event needs event_type")
    happened = text(at(body, "event", "occurred_at"))
    if (
        not kind.startswith("incident.")
        or not isinstance(incident, Mapping)
        or text(incident.get("type")) not in {"", "incident"}
    ):
        return Nothing(
            f"{kind[:60]}: says of no incident that it fires or has ended",
            _named(at(incident, "incident"), kind, happened),
        )
    return _incident(incident, kind, happened)


def _named(incident: object, kind: str, happened: str) -> Draft | None:
    """Read the incident that a note or a responder refers to, by id and title."""
    if not isinstance(incident, Mapping) or not _key(incident):
        return None
    return _incident(incident, kind, happened) if _title(incident, "") else None


def _incident(incident: Mapping[str, object], kind: str, happened: str | None) -> Draft:
    """An incident that was reopened fires anew, from then on."""
    service = incident.get("service")
    number = first_text(incident.get("incident_number"), incident.get("number"))
    ended = first_text(
        incident.get("resolved_at"),
        happened,
        incident.get("last_status_change_at"),
        incident.get("last_status_change_on"),
    )
    began = first_text(incident.get("created_at"), incident.get("created_on"))
    return Draft(
        title=_title(incident, number),
        key=_key(incident),
        status=_status(incident, kind),
        severity=_severity(incident),
        starts=happened if _word(kind) == "reopened" else began or happened,
        ends=ended,
        service=first_text(at(service, "summary"), at(service, "name")),
        labels=filled(
            service_id=at(service, "id"),
            urgency=incident.get("urgency"),
            priority=_priority(incident),
            incident_number=number,
            escalation_policy=first_text(
                at(incident, "escalation_policy", "summary"),
                at(incident, "escalation_policy", "name"),
            ),
            team=at(incident, "teams", 0, "summary"),
            incident_state=incident.get("status"),
        ),
        annotations=filled(
            event=kind,
            incident_key=incident.get("incident_key"),
            description=incident.get("description"),
        ),
        links=[
            incident.get("html_url"),
            incident.get("trigger_details_html_url"),
            at(service, "html_url"),
        ],
    )


def _without_incident(event: Mapping[str, object], kind: str) -> Draft:
    """A page that lost its incident is still a page; of an end nothing can be said."""
    if _word(kind) not in {"trigger", "triggered"}:
        raise UnreadableAlert("a message needs an incident, an object")
    return Draft(
        title=f"PagerDuty: {kind}, of an incident that it does not name",
        key=f"message:{first_text(event.get('id')) or hashed(kind)}",
        status=AlertStatus.firing,
        severity=Severity.error,
        starts=first_text(event.get("created_on"), event.get("created_at")),
    )


def _key(incident: Mapping[str, object]) -> str:
    said = first_text(
        incident.get("id"), incident.get("incident_key"), incident.get("html_url")
    )
    return f"incident:{said}" if said else ""


def _word(kind: str) -> str:
    return kind.rpartition(".")[2].lower()


def _status(incident: Mapping[str, object], kind: str) -> AlertStatus:
    ended = {"resolved", "resolve"} & {text(incident.get("status")), _word(kind)}
    return status_if(ended=bool(ended))


def _priority(incident: Mapping[str, object]) -> str:
    said = incident.get("priority")
    return first_text(at(said, "summary"), at(said, "name"), said)


def _severity(incident: Mapping[str, object]) -> Severity:
    urgency = _URGENCIES.get(text(incident.get("urgency")).lower(), Severity.warning)
    return find_severity(_priority(incident)) or urgency


def _title(incident: Mapping[str, object], number: str) -> str:
    said = incident.get("trigger_summary_data")
    return first_text(
        incident.get("title"),
        incident.get("description"),
        at(said, "subject"),
        at(said, "description"),
        incident.get("summary"),
        number and f"PagerDuty incident {number}",
    )
