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
    first_of,
    first_text,
    quoted,
    text,
    texts,
)
from bot.alerts.moments import is_iso
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert, UnreadableDelivery
from bot.alerts.words import severity_of
from gateway.redaction.redact import storable
from policy.alert import AlertStatus

SOURCE = "alertmanager"
_LINKS = ("runbook_url", "runbook", "dashboard", "dashboard_url", "link")


def parse_alertmanager(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read a delivery alert by alert: a broken one does not cost the good ones.

    Raises:
        UnreadableDelivery: there is no list of alerts.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("alerts"), list):
        raise UnreadableDelivery(
            'expected a JSON object with a list "alerts" (Alertmanager webhook v4)'
        )
    read = partial(_read_strictly, body=body)
    return deliver(SOURCE, body["alerts"], read, received_at)


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


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Hash labels in sorted order: 16 hex digits of SHA-256."""
    pairs = json.dumps(sorted(labels.items()), ensure_ascii=False)
    return sha256(pairs.encode("utf-8", "replace")).hexdigest()[:16]


def _read_strictly(raw: Mapping[str, object], *, body: Mapping[str, object]) -> Draft:
    """Alertmanager writes RFC 3339; what does not is somebody's mistake, and told."""
    read = read_alert(raw, body)
    resolved = read.status is AlertStatus.resolved
    for said in (read.starts, read.ends if resolved else None):
        if said not in (None, "") and not is_iso(said):
            raise UnreadableAlert(f"{quoted(said)} is no RFC 3339 time")
    return replace(read, fingerprint=read.key)


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
