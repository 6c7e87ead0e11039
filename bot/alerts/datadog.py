"""
Datadog's webhook integration: its default payload, and the variables by usual names.

The payload is a template of the user's, in any case; `$ALERT_TRANSITION`, `$ALERT_ID`
and `$ALERT_SCOPE` tell most. The default has none of them: there the title does.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, folded, pairs, text
from bot.alerts.generic import guess
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import find_severity, severity_of, status_of
from policy.alert import AlertStatus, Severity

SOURCE = "datadog"
# "[P2] [Triggered on {host:a}] x", of older monitors "[Monitor Alert] Triggered: x".
_WORDS = r"(re-?triggered|triggered|re-?warn|warn|no data|renotify|recovered)"
_PREFIX = re.compile(
    rf"(\s*\[[^\]]{{0,400}}\])*\s*({_WORDS}( on \{{[^}}]{{1,400}}\}})?:\s+)?",
    re.IGNORECASE,
)
_TRANSITION = re.compile(rf"\b{_WORDS}\b", re.IGNORECASE)
_SCOPE = re.compile(r" on \{([^}]{1,400})\}")
# Fields by their folded names: $ALERT_ID, alert_id, alertId and alert-id are one.
_TITLES = (
    "title",
    "alerttitle",
    "eventtitle",
    "incidenttitle",
    "securitysignaltitle",
    "securityrulename",
    "syntheticstestname",
)
_BODIES = ("body", "textonlymsg", "eventmsg", "message", "incidentmsg")
_TRANSITIONS = (
    "alerttransition",
    "transition",
    "alertstatus",
    "status",
    "state",
    "incidentstatus",
)
_PRIORITIES = (
    "alertpriority",
    "priority",
    "severity",
    "incidentseverity",
    "securitysignalseverity",
)
_IDS = ("alertid", "monitorid")
_OTHER_IDS = ("incidentuuid", "incidentpublicid", "securitysignalid")
_GROUPS = ("aggregkey", "aggregationkey", "alertcyclekey")
_LINKS = ("link", "url", "alerturl", "eventurl", "snapshot", "incidenturl")


def parse_datadog(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one event of a monitor.

    It begins when its event happened: Datadog does not tell a recovery's beginning.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    event = folded(body)
    whole = _first(event, _TITLES)
    prefix, bare = _split(whole)
    named = _split(text(event.get("alerttitle")))[1]
    number = _first(event, _IDS)
    title = first_text(
        named,
        bare,
        whole,
        _first(event, _BODIES),
        number and f"Datadog monitor {number}",
    )
    if not title:
        return guess(body)
    tags = pairs(event.get("tags"))
    scope = _scope(
        event.get("alertscope") or event.get("scopes") or event.get("scope"), prefix
    )
    happened = _first(event, ("date", "lastupdated", "timestamp"))
    return Draft(
        title=title,
        key=_key(event, title, scope),
        status=_status(event, prefix),
        severity=_severity(event, tags, prefix),
        starts=happened,
        ends=happened,
        labels={
            **pairs(scope),
            **tags,
            **filled(
                monitor_id=number,
                metric=event.get("alertmetric"),
                host=event.get("hostname") or event.get("host"),
                org=at(event, "org", "name") or event.get("orgname"),
                service=event.get("service"),
            ),
        },
        annotations=filled(
            body=_first(event, _BODIES),
            query=event.get("alertquery") or event.get("query"),
            transition=event.get("alerttransition"),
            event=event.get("id"),
        ),
        links=[event.get(name) for name in _LINKS],
    )


def _first(event: Mapping[str, object], names: Iterable[str]) -> str:
    return first_text(*(event.get(name) for name in names))


def _split(title: str) -> tuple[str, str]:
    """Give what Datadog put before a title, and the title."""
    found = _PREFIX.match(title)
    end = found.end() if found else 0
    return title[:end], title[end:]


def _key(event: Mapping[str, object], title: str, scope: str) -> str:
    """Monitor and group; the event's own id is another each time."""
    number = _first(event, _IDS)
    group = ",".join(sorted(part.strip() for part in scope.split(",")))
    if number:
        return f"monitor:{number}:{group}"
    other, together = _first(event, _OTHER_IDS), _first(event, _GROUPS)
    if other:
        return f"incident:{other}"
    return f"group:{together}" if together else f"title:{hashed(title, group)}"


def _scope(said: object, prefix: str) -> str:
    if isinstance(said, list):
        said = ",".join(filter(None, map(text, said)))
    found = _SCOPE.search(prefix)
    return text(said) or (found.group(1) if found else "")


def _status(event: Mapping[str, object], prefix: str) -> AlertStatus:
    in_title = _TRANSITION.search(prefix)
    return status_of(
        *(event.get(name) for name in _TRANSITIONS),
        in_title and in_title.group(),
        event.get("alerttype"),
    )


def _severity(
    event: Mapping[str, object], tags: Mapping[str, str], prefix: str
) -> Severity:
    """The monitor's priority first; its type says `success` of any that recovered."""
    said = [event.get(name) for name in _PRIORITIES]
    said = [f"P{one}" if text(one) in {*"12345"} else one for one in said]
    tagged = [tags.get("severity"), tags.get("priority")]
    kind = text(event.get("alerttype"))
    of_type = find_severity(kind) if kind in {"error", "warning", "info"} else None
    in_title = re.findall(r"\[(P[1-5])\]", prefix)
    return severity_of(None, *said, *tagged, *in_title, of_type and of_type.value)
