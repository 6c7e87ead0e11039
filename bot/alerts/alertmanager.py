"""Prometheus Alertmanager's webhook, version 4."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256

from bot.alerts.delivery import MOST_FINGERPRINT, Draft, deliver
from bot.alerts.fields import (
    SERVICE,
    at,
    filled,
    first_of,
    first_text,
    quoted,
    text,
    texts,
)
from bot.alerts.moments import is_iso, is_recent, sensible
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert, UnreadableDelivery
from bot.alerts.words import severity_of, status_if
from gateway.redaction.redact import storable
from policy.alert import AlertStatus

SOURCE = "alertmanager"
_LINKS = ("runbook_url", "runbook", "dashboard", "dashboard_url", "link")


def parse_alertmanager(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read a delivery alert by alert: a broken one does not cost the good ones.

    Alerts without an envelope, as Prometheus posts them, are read too.

    Raises:
        UnreadableDelivery: there is no list of alerts.
    """
    if isinstance(body, Mapping) and isinstance(body.get("alerts"), list):
        read = partial(_read_strictly, body=body)
        found = deliver(SOURCE, body["alerts"], read, received_at)
        return with_left_out(found, body)
    bare = body if isinstance(body, list) else [body]
    if not bare or not all(isinstance(at(one, "labels"), Mapping) for one in bare):
        raise UnreadableDelivery(
            'expected a JSON object with a list "alerts" (Alertmanager webhook v4)'
        )
    read = partial(_read_bare, received_at=received_at)
    return deliver(SOURCE, bare, read, received_at)


def read_alert(raw: Mapping[str, object], body: Mapping[str, object]) -> Draft:
    """
    Read one alert of a delivery, as Grafana sends them too.

    Raises:
        UnreadableAlert: it has no labels, or a status of its own invention.
    """
    labels = texts(raw.get("labels"))
    if not labels:
        raise UnreadableAlert("an alert needs labels, a non-empty object")
    annotations = texts(raw.get("annotations"))
    return Draft(
        title=_title(labels, annotations),
        key=_fingerprint(raw.get("fingerprint"), labels),
        severity=severity_of(labels.get("severity"), labels.get("priority")),
        status=_status(raw.get("status") or body.get("status")),
        starts=raw.get("startsAt"),
        ends=raw.get("endsAt"),
        labels=labels,
        annotations=annotations,
        links=[
            raw.get("generatorURL"),
            *(annotations.get(name) for name in _LINKS),
            body.get("externalURL"),
        ],
    )


def with_left_out(found: ParsedDelivery, body: Mapping[str, object]) -> ParsedDelivery:
    """Have the delivery and its alerts say how many more its sender left out."""
    count = body.get("truncatedAlerts")
    if not isinstance(count, int) or count <= 0:
        return found
    said = {"left_out": f"{count} more of this group were not sent (max_alerts)"}
    alerts = tuple(
        replace(one, annotations={**one.annotations, **said}) for one in found.alerts
    )
    return replace(found, alerts=alerts, left_out=count)


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Hash labels in sorted order: 16 hex digits of SHA-256."""
    pairs = json.dumps(sorted(labels.items()), ensure_ascii=False)
    return sha256(pairs.encode("utf-8", "replace")).hexdigest()[:16]


def _read_strictly(raw: Mapping[str, object], *, body: Mapping[str, object]) -> Draft:
    """Alertmanager writes RFC 3339, others a count; what is no time is told."""
    read = read_alert(raw, body)
    resolved = read.status is AlertStatus.resolved
    for said in (read.starts, read.ends if resolved else None):
        if said not in (None, "") and not (is_iso(said) or is_recent(said)):
            raise UnreadableAlert(f"{quoted(said)} is no RFC 3339 time")
    return replace(read, fingerprint=read.key)


def _read_bare(raw: Mapping[str, object], *, received_at: datetime) -> Draft:
    """Prometheus says no status: an alert is over when its end is."""
    end = sensible(raw.get("endsAt"), received_at)
    over = status_if(ended=end is not None and end <= received_at)
    said = filled(summary=raw.get("summary"), description=raw.get("description"))
    annotations = {**said, **texts(raw.get("annotations"))}
    whole = {"status": over.value, "externalURL": raw.get("externalURL")}
    return _read_strictly({**raw, "annotations": annotations}, body=whole)


def _fingerprint(said: object, labels: Mapping[str, str]) -> str:
    """Take the sender's where it is one: short text, as it stands in an index."""
    if isinstance(said, str) and 0 < len(said) <= MOST_FINGERPRINT:
        return storable(said)
    return fingerprint_of(labels)


def _status(word: object) -> AlertStatus:
    try:
        return AlertStatus(text(word or "firing").lower())
    except ValueError as exc:
        raise UnreadableAlert(
            f"status {quoted(word)} is neither firing nor resolved"
        ) from exc


def _title(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    said = first_text(annotations.get("summary"), annotations.get("title"))
    if said:
        return said
    name = first_text(labels.get("alertname"), "alert")
    service = first_of(labels, SERVICE)
    return f"{service}: {name}" if service else name
