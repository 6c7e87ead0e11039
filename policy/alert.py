"""An alert as every source is normalised to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    critical = "critical"
    error = "error"
    warning = "warning"
    info = "info"

    @property
    def rank(self) -> int:
        """Order of claims: 0 is the most severe."""
        return list(Severity).index(self)


class AlertStatus(StrEnum):
    firing = "firing"
    resolved = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """
    What one source said, in our words.

    ``fingerprint`` is stable across firing and resolved and across label order.
    ``service`` and ``environment`` are None where the source does not say.
    """

    source: str
    fingerprint: str
    title: str
    severity: Severity
    status: AlertStatus
    service: str | None
    environment: str | None
    starts_at: datetime
    ends_at: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
