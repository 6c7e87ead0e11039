"""Keep the platform's own audit log: who wrote what, when."""

from collections import deque
from dataclasses import asdict, dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject

KEPT_ENTRIES = 2000


@dataclass(frozen=True)
class Entry:
    """`detail` is the body of the write as JSON."""

    at: float
    actor: str
    action: str
    target: str
    detail: str

    @property
    def text(self) -> str:
        return f"{self.actor} {self.action} {self.target} {self.detail}".lower()


@dataclass
class AuditLog:
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT_ENTRIES))

    def append(self, entry: Entry) -> None:
        self.entries.append(entry)

    def search(self, query: str, *, since: float, most: int) -> list[JsonObject]:
        """Give the entries that hold every word, newest first."""
        words = query.lower().split()
        found = [
            {**asdict(entry), "at": iso(entry.at)}
            for entry in reversed(self.entries)
            if entry.at >= since and all(word in entry.text for word in words)
        ]
        return found[:most]

    def snapshot(self) -> list[JsonObject]:
        return [asdict(entry) for entry in self.entries]

    def restore(self, listed: list[JsonObject]) -> None:
        self.entries = deque((Entry(**one) for one in listed), maxlen=KEPT_ENTRIES)
