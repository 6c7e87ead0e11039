"""Opsgenie's and Jira Service Management's webhook; and the API's own alert."""

from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of
from bot.alerts.fields import at, filled, first_text, pairs, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert
from bot.alerts.words import find_status, severity_of, status_if
from policy.alert import AlertStatus, Severity

SOURCE = "opsgenie"
_ENDS = {"close", "delete", "resolve", "closed", "deleted", "resolved"}
_WRAPPERS = ("alert", "incident", "data")


def parse_opsgenie(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read what was done to an alert or an incident.

    Whatever is done to one that isn't closed (a note, an owner, an acknowledgement),
    it fires since it was created: intake knows that already, and counts a repeat.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(event: Mapping[str, object]) -> Draft | Nothing:
    found = [event.get(name) for name in _WRAPPERS]
    alert = next((one for one in found if isinstance(one, Mapping)), event)
    action = text(event.get("action"))
    named = first_text(event.get("alertId"), event.get("alias"))
    if alert is event and "message" not in event and not named:
        if action:
            return Nothing(f"{action[:60]}: it names no alert")
        raise UnreadableAlert('expected an object "alert" (Opsgenie webhook)')
    details = {**pairs(alert.get("tags")), **pairs(alert.get("details"))}
    details |= pairs(alert.get("extraProperties"))
    return Draft(
        title=_title(alert),
        key=_key(alert),
        status=_status(alert, action),
        severity=_severity(alert, details),
        starts=first_text(
            alert.get("createdAt"),
            alert.get("impactStartDate"),
            alert.get("insertedAt"),
        ),
        ends=first_text(
            alert.get("closedAt"), alert.get("impactEndDate"), alert.get("updatedAt")
        ),
        service=first_text(details.get("service"), alert.get("entity")),
        labels={
            **details,
            **filled(
                entity=alert.get("entity"),
                priority=alert.get("priority"),
                team=at(alert, "teams", 0, "name") or at(alert, "teams", 0),
                tiny_id=alert.get("tinyId"),
                integration=event.get("integrationName"),
            ),
        },
        annotations=filled(action=action, description=alert.get("description")),
        links=[
            at(alert, "links", "web"),
            at(alert, "details", "runbook"),
            at(alert, "details", "url"),
        ],
    )


def _title(alert: Mapping[str, object]) -> str:
    """An end may come with the alert's id alone."""
    number = first_text(alert.get("tinyId"), alert.get("alertId"), alert.get("id"))
    return first_text(
        alert.get("message"),
        alert.get("description"),
        number and f"Opsgenie alert {number}",
    )


def _key(alert: Mapping[str, object]) -> str:
    """The alias is what Opsgenie itself deduplicates by; it lasts over a closing."""
    return first_text(alert.get("alias"), alert.get("alertId"), alert.get("id"))


def _status(alert: Mapping[str, object], action: str) -> AlertStatus:
    ended = action.lower() in _ENDS or (
        find_status(alert.get("status")) is AlertStatus.resolved
    )
    return status_if(ended=ended)


def _severity(alert: Mapping[str, object], details: Mapping[str, str]) -> Severity:
    said = text(alert.get("priority"))
    return severity_of(
        f"P{said}" if said in {*"12345"} else said, details.get("severity")
    )
