"""
UptimeRobot's webhook: a monitor went down, came up, or its certificate ends soon.

Its variables keep their names in the usual templates, in any case; of others likely
names are guessed. Uptime Kuma's webhook (``monitor``, ``heartbeat``, ``msg``) is read
too: it is taken for this.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, folded, text
from bot.alerts.generic import guess
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import status_of
from policy.alert import AlertStatus, Severity

SOURCE = "uptimerobot"
# alertType: 1 down, 2 up, 3 a certificate that ends soon, 4 a domain.
_STATES = {"2": AlertStatus.resolved}
_EXPIRIES = {"3": "certificate", "4": "domain"}
# Uptime Kuma's: 0 down, 1 up, 2 not yet sure, 3 maintenance.
_BEATS = {"1": AlertStatus.resolved, "3": AlertStatus.resolved}


def parse_uptimerobot(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one change of a monitor.

    Older templates do not tell its time.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    if "heartbeat" in body and "msg" in body:
        return _beat(body)
    said = folded(body)
    name, address = text(said.get("monitorfriendlyname")), text(said.get("monitorurl"))
    number, kind = text(said.get("monitorid")), text(said.get("alerttype"))
    if not (number or name or address):
        return guess(body)
    word = said.get("alerttypefriendlyname")
    status = _STATES.get(kind) or status_of(word, kind)
    expiry = _EXPIRIES.get(kind, "")
    happened = first_text(said.get("alertdatetime"), said.get("alertcreatedat"))
    return Draft(
        title=" ".join(filter(None, (name or address or f"monitor {number}", expiry))),
        key=f"monitor:{number or hashed(name, address)}:{expiry}".rstrip(":"),
        status=status,
        severity=Severity.warning if expiry else Severity.error,
        starts=happened,
        ends=happened,
        labels=filled(
            monitor=name,
            host=address,
            state=word,
            tags=said.get("monitortags"),
            group=said.get("monitorgroup"),
        ),
        annotations=filled(
            details=said.get("alertdetails"),
            days_left=said.get("sslexpirydaysleft"),
        ),
        links=[address, said.get("monitordashboardurl"), said.get("dashboardurl")],
    )


def _beat(body: Mapping[str, object]) -> Draft:
    """Uptime Kuma; its test button sends a message and nothing else."""
    monitor, beat = body.get("monitor"), body.get("heartbeat")
    name, number = text(at(monitor, "name")), text(at(monitor, "id"))
    known = number or name
    happened = first_text(at(beat, "time"), at(beat, "localDateTime"))
    return Draft(
        title=name or text(body.get("msg")),
        key=f"kuma:{known}" if known else f"message:{hashed(text(body.get('msg')))}",
        status=_BEATS.get(text(at(beat, "status")), AlertStatus.firing),
        severity=Severity.error if known else Severity.info,
        starts=happened,
        ends=happened,
        labels=filled(
            monitor=name, host=at(monitor, "hostname"), monitor_type=at(monitor, "type")
        ),
        annotations=filled(message=body.get("msg"), details=at(beat, "msg")),
        links=[at(monitor, "url")],
    )
