"""Prometheus Alertmanager's webhook, version 4."""

from collections.abc import Mapping

from bot.alerts.parsed import (
    ParsedDelivery,
    UnreadableAlert,
    UnreadableDelivery,
    broken,
    fingerprint_of,
    instant,
    severity_of,
    texts,
)
from orchestrator.intake import BrokenAlert
from policy.alert import Alert, AlertStatus

SOURCE = "alertmanager"
_MOST_FINGERPRINT = 200
_SERVICE = ("service", "app", "application", "job", "deployment", "namespace")
_ENVIRONMENT = ("environment", "env", "stage", "cluster_env")
_LINKS = ("runbook_url", "runbook", "dashboard", "dashboard_url", "link")


def parse_alertmanager(body: object) -> ParsedDelivery:
    """
    Read a delivery alert by alert: a broken one does not cost the good ones.

    Raises:
        UnreadableDelivery: there is no list of alerts.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("alerts"), list):
        raise UnreadableDelivery(
            'expected a JSON object with a list "alerts" (Alertmanager webhook v4)'
        )
    alerts: list[Alert] = []
    wrong: list[BrokenAlert] = []
    for index, raw in enumerate(body["alerts"]):
        try:
            alerts.append(_parse_one(raw, body))
        except UnreadableAlert as exc:
            wrong.append(broken(index, str(exc), raw))
    return ParsedDelivery(tuple(alerts), tuple(wrong))


def _parse_one(raw: object, body: Mapping[str, object]) -> Alert:
    if not isinstance(raw, Mapping):
        raise UnreadableAlert("an alert must be an object")
    labels = texts(raw.get("labels"))
    if not labels:
        raise UnreadableAlert("an alert needs labels, a non-empty object")
    annotations = texts(raw.get("annotations"))
    starts_at = instant(raw.get("startsAt"))
    if starts_at is None:
        raise UnreadableAlert("an alert needs startsAt, an RFC 3339 time")
    status = _status(raw.get("status") or body.get("status"))
    return Alert(
        source=SOURCE,
        fingerprint=_fingerprint(raw.get("fingerprint"), labels),
        title=_title(labels, annotations),
        severity=severity_of(labels.get("severity") or labels.get("priority")),
        status=status,
        service=_first(labels, _SERVICE),
        environment=_first(labels, _ENVIRONMENT),
        starts_at=starts_at,
        ends_at=(
            instant(raw.get("endsAt")) if status is AlertStatus.resolved else None
        ),
        labels=labels,
        annotations=annotations,
        links=_links(raw, annotations, body),
    )


def _fingerprint(said: object, labels: Mapping[str, str]) -> str:
    """Take the sender's where it is one: short text, as it stands in an index."""
    if isinstance(said, str) and 0 < len(said) <= _MOST_FINGERPRINT:
        return said
    return fingerprint_of(labels)


def _status(word: object) -> AlertStatus:
    try:
        return AlertStatus(str(word or "firing").lower())
    except ValueError as exc:
        raise UnreadableAlert(
            f"status {str(word)[:40]!r} is neither firing nor resolved"
        ) from exc


def _title(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    said = annotations.get("summary") or annotations.get("title")
    if said:
        return said.strip()[:300]
    name = labels.get("alertname", "alert")
    service = _first(labels, _SERVICE)
    return f"{service}: {name}"[:300] if service else name[:300]


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((labels[name] for name in names if labels.get(name)), None)


def _links(
    raw: Mapping[str, object],
    annotations: Mapping[str, str],
    body: Mapping[str, object],
) -> tuple[str, ...]:
    found = [raw.get("generatorURL"), *(annotations.get(name) for name in _LINKS)]
    found.append(body.get("externalURL"))
    kept = [
        link
        for link in found
        if isinstance(link, str) and link.startswith(("http://", "https://"))
    ]
    return tuple(dict.fromkeys(kept))
