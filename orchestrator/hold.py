"""What holds an alert back: a silence, planned work, calm; each until when, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from orchestrator.routing import Routes, Waits
from orchestrator.silencing import covers
from policy.alert import Alert
from storage import alerts, silences
from storage.database import Tx
from storage.silences import Silence
from storage.tasks import Task

DEBOUNCE = "debounce"
COOL_DOWN = "cool_down"
MAINTENANCE = "maintenance"
SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Wait:
    """
    ``why`` is one of the words above, with the id of silence or window behind.

    Behind a silence stands what holds beside it, for it may end early.
    """

    until: datetime
    why: str

    def beside(self, other: "Wait | None") -> "Wait":
        """Have a silence say what holds beside it; what is no silence says itself."""
        if other is None or not self.why.startswith(f"{SILENCE}:"):
            return self
        return replace(self, why=f"{self.why}:{other.why}")


def longest(found: Sequence[Wait]) -> Wait | None:
    return max(found, key=lambda one: one.until) if found else None


def silenced(said: Mapping[str, str], active: Sequence[Silence]) -> list[Wait]:
    """Give the silences that hold labels such as these, as their sender said them."""
    return [
        Wait(one.ends_at, f"{SILENCE}:{one.id}") for one in active if covers(one, said)
    ]


def planned(
    tx: Tx, alert: Alert | None, said: Mapping[str, str], routes: Routes
) -> list[Wait]:
    """Give the planned work that holds an alert; a person's request waits for none."""
    if alert is None or not routes.maintenance:
        return []
    found = routes.find_maintenance(
        alert.source,
        said,
        severity=alert.severity,
        tenant_id=tx.here.tenant_id,
        now=tx.now,
    )
    return [Wait(found[1], f"{MAINTENANCE}:{found[0].id}")] if found else []


def calm(now: datetime, waits: Waits, ended_at: datetime | None) -> list[Wait]:
    """Give the waits for more of the group, and for its cool-down."""
    found = [Wait(now + waits.debounce, DEBOUNCE)] if waits.debounce else []
    if ended_at is not None and ended_at + waits.cool_down > now:
        found.append(Wait(ended_at + waits.cool_down, COOL_DOWN))
    return found


async def is_silence_over(tx: Tx, task: Task) -> bool:
    """Tell whether the silence that a task waits for ended without its seeing it."""
    if not is_silenced(task):
        return False
    active = await silences.list_active(tx)
    return all(f"{SILENCE}:{one.id}" != silence_of(task) for one in active)


def is_silenced(task: Task) -> bool:
    return (task.waits_for or "").startswith(f"{SILENCE}:")


def silence_of(task: Task) -> str:
    return ":".join((task.waits_for or "").split(":")[:2])


def holds_beside(task: Task) -> str:
    """Say what holds beside the silence that a task waits for, or instead of one."""
    waits_for = task.waits_for or ""
    return ":".join(waits_for.split(":")[2:]) if is_silenced(task) else waits_for


async def find_silence(tx: Tx, task_id: UUID) -> Silence | None:
    """
    Give the silence that ends first of those that hold the task's firing alerts.

    None if one alert is held by none: it is judged by its stored labels, in which
    people have pseudonyms.
    """
    active = await silences.list_active(tx)
    if not active:
        return None
    ends: list[Silence] = []
    for alert in await alerts.list_firing(tx, task_id):
        holding = [one for one in active if covers(one, alert.labels)]
        if not holding:
            return None
        ends.append(max(holding, key=lambda one: one.ends_at))
    return min(ends, key=lambda one: one.ends_at, default=None)
