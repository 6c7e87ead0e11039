"""Splunk's webhook action of a saved search: its first result."""

import re
from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert
from bot.alerts.words import severity_of
from policy.alert import AlertStatus

SOURCE = "splunk"
# A scheduled search's id has when it ran: scheduler__admin__search__x_at_1483557185_2
_RAN_AT = re.compile(r"_at_(\d{10})_")
_DIMENSIONS = ("host", "source", "sourcetype", "index", "service", "environment")


def parse_splunk(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read what a search found; Splunk never tells that it finds no more.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(event: Mapping[str, object]) -> Draft | Nothing:
    name, sid = text(event.get("search_name")), text(event.get("sid"))
    result = event.get("result")
    link, raw = text(event.get("results_link")), text(at(result, "_raw"))
    if not (name or sid or link or raw):
        raise UnreadableAlert("expected search_name or sid (Splunk webhook action)")
    ran = _RAN_AT.search(sid or link)
    return Draft(
        title=name or raw or f"Splunk search {sid or link}",
        key=_key(event, link or raw),
        status=AlertStatus.firing,
        severity=severity_of(
            at(result, "severity"),
            at(result, "urgency"),
            at(result, "priority"),
            event.get("severity"),
        ),
        starts=first_text(at(result, "_time"), ran.group(1) if ran else ""),
        # The search's app is Splunk's own, no service.
        service=first_text(at(result, "service"), at(result, "app")),
        labels={
            **filled(**{one: at(result, one) for one in _DIMENSIONS}),
            **filled(search=name, splunk_app=event.get("app")),
        },
        annotations=filled(raw=raw, sid=sid),
        links=[link, event.get("view_link")],
    )


def _key(event: Mapping[str, object], found: str) -> str:
    """The search, whoever runs it; of one without a name, this run of it."""
    name, sid = text(event.get("search_name")), text(event.get("sid"))
    if name:
        return f"search:{text(event.get('app'))}:{name}"
    return f"sid:{sid}" if sid else hashed(found)
