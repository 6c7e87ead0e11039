"""
From what a source says of its events to the alerts of one delivery.

A source's module reads an event into a ``Draft`` (or says that it tells ``Nothing``);
here drafts are bounded, completed and made alerts, and one that can't be read does not
cost its neighbours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bot.alerts.fields import (
    ENVIRONMENT,
    MOST_TEXT,
    SERVICE,
    compact,
    first_of,
    text,
    web_links,
)
from bot.alerts.moments import moment, sensible
from bot.alerts.parsed import (
    Ignored,
    ParsedDelivery,
    UnreadableAlert,
    UnreadableDelivery,
)
from gateway.redaction.shortened import shortened
from orchestrator.intake import MOST_TITLE, BrokenAlert
from policy.alert import Alert, AlertStatus, Severity

# What stands in an index: a fingerprint, a service, an environment.
MOST_FINGERPRINT = 200
MOST_LABELS = 200
MOST_NAME = 200
_MOST_SAID = 60
MOST_LINKS = 20
# A body of 8 MiB holds some 28,000 of Alertmanager's smallest; of those that tell what
# they are about, some 10,000.
MOST_EVENTS = 20_000
# Labels that routes and cards ask for are kept whichever others are cut.
_KEPT = frozenset({*SERVICE, *ENVIRONMENT, "alertname", "severity", "team"})


@dataclass(frozen=True, slots=True)
class Draft:
    """
    One alert as its source says it, unbounded; texts are such as ``fields`` makes.

    ``key`` is the source's own stable id, ``fingerprint`` one to take as it stands.
    ``starts`` and ``ends`` are instants in any form; None is the receipt's.
    ``service`` and ``environment`` are looked for in ``labels`` where they are empty.
    """

    title: str
    key: str
    status: AlertStatus
    severity: Severity
    fingerprint: str = ""
    starts: object = None
    ends: object = None
    service: str = ""
    environment: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """
    An event that says of no alert that it fires or has ended.

    ``of`` is the alert that it is about, as far as it tells.
    """

    reason: str
    of: Draft | None = None


Reader = Callable[[Mapping[str, object]], Draft | Nothing]


def events_of(body: object) -> Sequence[object]:
    """
    Give a delivery's events: those of a list, or the one object that it is.

    Raises:
        UnreadableDelivery: it is neither.
    """
    if isinstance(body, Mapping) and body:
        return [body]
    if isinstance(body, list) and body:
        return body
    raise UnreadableDelivery("expected a JSON object, or a list of them, not empty")


def deliver(
    source: str, events: Sequence[object], read: Reader, received_at: datetime
) -> ParsedDelivery:
    """
    Read event by event.

    Raises:
        UnreadableDelivery: there are more than ``MOST_EVENTS``.
    """
    if len(events) > MOST_EVENTS:
        raise UnreadableDelivery(
            f"a delivery has at most {MOST_EVENTS} alerts, not {len(events)}"
        )
    alerts: list[Alert] = []
    wrong: list[BrokenAlert] = []
    ignored: list[Ignored] = []
    for index, event in enumerate(events):
        try:
            found = _read(read, event)
            if isinstance(found, Nothing):
                ignored.append(_ignored(index, found, source, received_at))
            else:
                alerts.append(finish(found, source, received_at))
        except UnreadableAlert as exc:
            wrong.append(
                BrokenAlert(len(alerts) + len(wrong), str(exc), compact(event))
            )
    return ParsedDelivery(tuple(alerts), tuple(wrong), tuple(ignored))


def _ignored(index: int, found: Nothing, source: str, received_at: datetime) -> Ignored:
    about = finish(found.of, source, received_at) if found.of else None
    return Ignored(index, found.reason, about)


def _read(read: Reader, event: object) -> Draft | Nothing:
    if not isinstance(event, Mapping):
        raise UnreadableAlert("an alert must be an object")
    return read(event)


def finish(draft: Draft, source: str, received_at: datetime) -> Alert:
    """
    Bound and complete a draft.

    An alert that does not say when it began or ended, did so when it was received; of
    an absurd start an annotation keeps what was said.

    Raises:
        UnreadableAlert: it has no title or no identity.
    """
    title = shortened(text(draft.title), MOST_TITLE).strip()
    if not title:
        raise UnreadableAlert("an alert needs a title, and none was found")
    labels, cut = _bounded(draft.labels)
    named = shortened(text(draft.service), MOST_NAME)
    if named and not labels.get("service"):
        labels["service"] = named
    annotations, cut_too = _bounded(draft.annotations)
    annotations |= {"truncated": "; ".join(cut + cut_too)} if cut or cut_too else {}
    starts_at = sensible(draft.starts, received_at)
    if starts_at is None and draft.starts not in (None, "", 0):
        annotations["starts_at_said"] = _said(draft.starts)
    starts_at = starts_at or received_at
    return Alert(
        source=source,
        fingerprint=_fingerprint(draft, source),
        title=title,
        severity=draft.severity,
        status=draft.status,
        service=named or first_of(labels, SERVICE),
        environment=shortened(text(draft.environment), MOST_NAME)
        or first_of(labels, ENVIRONMENT),
        starts_at=starts_at,
        ends_at=_end(draft, starts_at, received_at),
        labels=labels,
        annotations=annotations,
        links=web_links(draft.links)[:MOST_LINKS],
    )


def _end(draft: Draft, starts_at: datetime, received_at: datetime) -> datetime | None:
    """
    Give the end of what is resolved: the receipt where none is said, or an absurd one.

    Without one it would count as a repeat of the end before. Whoever sends such an end
    again ends it again, which changes nothing.
    """
    if draft.status is not AlertStatus.resolved:
        return None
    return sensible(draft.ends, received_at) or max(starts_at, received_at)


def _said(starts: object) -> str:
    read = moment(starts)
    said = read.isoformat() if read else text(starts) or compact(starts)
    said = shortened(said, _MOST_SAID)
    return f"{said}: no time at which it can have begun; the receipt's stands"


def _fingerprint(draft: Draft, source: str) -> str:
    """
    Take the source's id where it is one: short, and no person's address.

    It has the source's name before it: two vendors may count from one.
    """
    if 0 < len(draft.fingerprint) <= MOST_FINGERPRINT and "\0" not in draft.fingerprint:
        return draft.fingerprint
    if not draft.key.strip(": "):
        raise UnreadableAlert("an alert needs an id or a name to be known again by")
    known = f"{source}:{draft.key}"
    if len(known) <= MOST_FINGERPRINT and known.isprintable() and "@" not in known:
        return known
    return f"{source}:{hashed(draft.key)}"


def hashed(*parts: str) -> str:
    """Give 32 hex digits of SHA-256 over the parts."""
    joined = "\x1f".join(parts).encode("utf-8", "replace")
    return sha256(joined).hexdigest()[:32]


def _bounded(labels: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Cut what is too long or too many, and say what was cut."""
    cut: list[str] = []
    names = list(labels)
    if len(names) > MOST_LABELS:
        names.sort(key=lambda name: name not in _KEPT)
        cut.append(f"{len(names) - MOST_LABELS} of {len(names)} labels left out")
        names = names[:MOST_LABELS]
    long = [name for name in names if len(labels[name]) >= MOST_TEXT]
    if long:
        cut.append(f"cut to {MOST_TEXT} characters: {', '.join(long)}"[:MOST_NAME])
    kept = {
        shortened(name, MOST_NAME): shortened(labels[name], MOST_TEXT) for name in names
    }
    return kept, cut
