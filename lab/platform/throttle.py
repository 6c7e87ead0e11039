"""Hold a route's request limit with its version."""

from dataclasses import dataclass

from lab.clock import iso
from lab.json_object import JsonObject


@dataclass
class Throttle:
    """No limit is None; a limit of 0 rejects everything."""

    service: str
    route: str
    changed_at: float
    limit_rps: int | None = None
    changed_by: str = "release-train"
    version: int = 1

    def change(self, *, limit_rps: int | None, changed_by: str, now: float) -> None:
        self.limit_rps = limit_rps
        self.changed_by = changed_by
        self.changed_at = now
        self.version += 1

    def rendered(self) -> JsonObject:
        return {
            "service": self.service,
            "route": self.route,
            "environment": "prod",
            "limit_rps": self.limit_rps,
            "version": self.version,
            "changed_at": iso(self.changed_at),
            "changed_by": self.changed_by,
        }
