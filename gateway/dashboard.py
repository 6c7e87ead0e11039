"""A dashboard as its own system defines it: what a picture may be drawn of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DashboardPanel:
    """One panel as its dashboard defines it; ``kind`` is the system's own word."""

    id: int
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    uid: str
    title: str
    panels: tuple[DashboardPanel, ...]
