"""
Datadog's webhook integration: its default payload, and the variables by usual names.

The payload is a template of the user's; `$ALERT_TRANSITION`, `$ALERT_ID` and
`$ALERT_SCOPE` tell most. The default has none of them: there the title does.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, pairs, text
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
_TRANSITIONS = ("alert_transition", "transition", "alert_status", "status", "state")
_PRIORITIES = ("alert_priority", "priority", "severity")
_IDS = ("alert_id", "monitor_id", "alertId", "monitorId")
_LINKS = ("link", "url", "alert_url", "event_url", "snapshot", "incident_url")


def parse_datadog(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one event of a monitor.

    It begins when its event happened: Datadog does not tell a recovery's beginning.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(event: Mapping[str, object]) -> Draft | Nothing:
    whole = first_text(
        event.get("title"), event.get("alert_title"), event.get("event_title")
    )
    prefix, bare = _split(whole)
    named = _split(text(event.get("alert_title")))[1]
    title = first_text(named, bare, whole, event.get("body"))
    tags = pairs(event.get("tags"))
    scopes = event.get("alert_scope") or event.get("scopes") or event.get("scope")
    scope = _scope(scopes, prefix)
    happened = first_text(
        event.get("date"), event.get("last_updated"), event.get("timestamp")
    )
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
                monitor_id=first_text(*(event.get(name) for name in _IDS)),
                metric=event.get("alert_metric"),
                host=event.get("hostname") or event.get("host"),
                org=at(event, "org", "name"),
                service=event.get("service"),
            ),
        },
        annotations=filled(
            body=first_text(
                event.get("body"), event.get("text_only_msg"), event.get("message")
            ),
            query=event.get("alert_query") or event.get("query"),
            transition=event.get("alert_transition"),
            event=event.get("id"),
        ),
        links=[event.get(name) for name in _LINKS],
    )


def _split(title: str) -> tuple[str, str]:
    """Give what Datadog put before a title, and the title."""
    found = _PREFIX.match(title)
    end = found.end() if found else 0
    return title[:end], title[end:]


def _key(event: Mapping[str, object], title: str, scope: str) -> str:
    """Monitor and group; the event's own id is another each time."""
    number = first_text(*(event.get(name) for name in _IDS))
    group = ",".join(sorted(part.strip() for part in scope.split(",")))
    if number:
        return f"monitor:{number}:{group}"
    together = first_text(event.get("aggreg_key"), event.get("aggregation_key"))
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
        event.get("alert_type"),
    )


def _severity(
    event: Mapping[str, object], tags: Mapping[str, str], prefix: str
) -> Severity:
    """The monitor's priority first; its type says `success` of any that recovered."""
    said = [event.get(name) for name in _PRIORITIES]
    said = [f"P{one}" if text(one) in {*"12345"} else one for one in said]
    tagged = [tags.get("severity"), tags.get("priority")]
    kind = text(event.get("alert_type"))
    of_type = find_severity(kind) if kind in {"error", "warning", "info"} else None
    in_title = re.findall(r"\[(P[1-5])\]", prefix)
    return severity_of(None, *said, *tagged, *in_title, of_type and of_type.value)
