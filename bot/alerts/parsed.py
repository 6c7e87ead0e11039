"""What a source's parser gives: alerts, and what it could not read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from orchestrator.intake import BrokenAlert
from policy.alert import Alert, Severity

_EXCERPT_CHARACTERS = 2000
# Alertmanager writes Go's zero time where an alert has not ended.
_ZERO_YEAR = 1
_SEVERITIES = {
    "critical": Severity.critical,
    "crit": Severity.critical,
    "page": Severity.critical,
    "emergency": Severity.critical,
    "fatal": Severity.critical,
    "p1": Severity.critical,
    "error": Severity.error,
    "high": Severity.error,
    "major": Severity.error,
    "p2": Severity.error,
    "warning": Severity.warning,
    "warn": Severity.warning,
    "minor": Severity.warning,
    "medium": Severity.warning,
    "p3": Severity.warning,
    "info": Severity.info,
    "informational": Severity.info,
    "low": Severity.info,
    "none": Severity.info,
    "p4": Severity.info,
    "p5": Severity.info,
}


class UnreadableDelivery(Exception):
    """The body as a whole makes no sense; the message is for the sender."""


class UnreadableAlert(Exception):
    """One alert makes no sense."""


@dataclass(frozen=True, slots=True)
class ParsedDelivery:
    alerts: tuple[Alert, ...]
    broken: tuple[BrokenAlert, ...]


def broken(index: int, reason: str, raw: object) -> BrokenAlert:
    return BrokenAlert(
        index, reason, json.dumps(raw, default=str)[:_EXCERPT_CHARACTERS]
    )


def texts(value: object) -> dict[str, str]:
    """Give a mapping with text values; real senders put numbers and booleans there."""
    if not isinstance(value, Mapping):
        return {}
    return {
        str(key): item if isinstance(item, str) else json.dumps(item, default=str)
        for key, item in value.items()
        if item is not None
    }


def severity_of(word: str | None) -> Severity:
    """Map a sender's word; unknown ones count as a warning, so that they are seen."""
    return _SEVERITIES.get((word or "").strip().lower(), Severity.warning)


def instant(value: object) -> datetime | None:
    """
    Read an RFC 3339 instant as aware UTC; None where there is none.

    Raises:
        UnreadableAlert: it is something else.
    """
    if value is None or value == "":
        return None
    try:
        read = datetime.fromisoformat(_micros(str(value).replace("Z", "+00:00")))
        if read.year <= _ZERO_YEAR:
            return None
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise UnreadableAlert(f"{str(value)[:40]!r} is no RFC 3339 time") from exc


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Hash labels in sorted order: 16 hex digits of SHA-256."""
    pairs = json.dumps(sorted(labels.items()), ensure_ascii=False)
    return sha256(pairs.encode()).hexdigest()[:16]


def _micros(text: str) -> str:
    """Cut nanoseconds: Python reads six digits."""
    head, dot, tail = text.partition(".")
    if not dot:
        return text
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[: min(digits, 6)]:0<6}{tail[digits:]}"
