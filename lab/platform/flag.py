"""Hold a feature flag with its version and its past."""

from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject

HISTORY_LENGTH = 50


@dataclass
class Flag:
    key: str
    service: str
    enabled: bool
    rollout_percent: int
    changed_at: float
    changed_by: str = "release-train"
    version: int = 1
    history: list[JsonObject] = field(default_factory=list)

    @property
    def effective_percent(self) -> int:
        return self.rollout_percent if self.enabled else 0

    def change(
        self, *, enabled: bool, rollout_percent: int, changed_by: str, now: float
    ) -> None:
        """Take the new state and keep the old one, newest first."""
        self.history = [self._moment(), *self.history][:HISTORY_LENGTH]
        self.enabled = enabled
        self.rollout_percent = rollout_percent
        self.changed_by = changed_by
        self.changed_at = now
        self.version += 1

    def rendered(self) -> JsonObject:
        """Render the flag; its present state stands first in the history."""
        present = self._moment()
        return {
            "key": self.key,
            "service": self.service,
            "environment": "prod",
            **present,
            "history": [present, *self.history],
        }

    def _moment(self) -> JsonObject:
        return {
            "version": self.version,
            "enabled": self.enabled,
            "rollout_percent": self.rollout_percent,
            "changed_at": iso(self.changed_at),
            "changed_by": self.changed_by,
        }


def usual_flags(now: float) -> list[Flag]:
    day = 86_400.0
    return [
        Flag(
            "new_ranker",
            "discourse",
            enabled=False,
            rollout_percent=0,
            changed_at=now - 2 * day,
        ),
        Flag(
            "compact_threads",
            "discourse",
            enabled=True,
            rollout_percent=50,
            changed_at=now - 9 * day,
        ),
        Flag(
            "push_batching",
            "push",
            enabled=True,
            rollout_percent=100,
            changed_at=now - 30 * day,
        ),
    ]
