"""
Planned work that routes no longer name: what it held is judged anew.

The worker knows no routes, so the web process does it, at its start and whenever they
are read anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from orchestrator.hold import MAINTENANCE, holds_beside, is_silenced, silence_of
from orchestrator.routing import LiveRoutes, Routes
from policy.scope import Scope
from storage import alerts, directory, tasks
from storage.alerts import StoredAlert
from storage.database import Database, Tx
from storage.errors import StorageError
from storage.steps import Step
from storage.tasks import Task

_AGAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Review:
    """Judges what planned work holds, each time that the routes changed."""

    database: Database
    live: LiveRoutes
    changed: asyncio.Event

    async def run(self) -> None:
        """Review at once, and after each change, until cancelled."""
        while True:
            self.changed.clear()
            if await self._review():
                await self.changed.wait()
            else:
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _review(self) -> bool:
        """Review each environment, whatever becomes of others; False: not all of it."""
        log = structlog.get_logger()
        done = True
        try:
            async with self.database.dispatch(Step.look) as tx:
                scopes = await directory.list_scopes(tx)
        except StorageError as exc:
            log.warning("planned.later", error=str(exc))
            return False
        except Exception:
            log.exception("planned.bug")
            return True
        for scope in scopes:
            try:
                released = await review(self.database, scope, self.live.now)
            except StorageError as exc:
                log.warning("planned.later", tenant=scope.tenant_id, error=str(exc))
                done = False
            except Exception:
                # Beside the web's requests: none of them fails for this.
                log.exception("planned.bug", tenant=scope.tenant_id)
            else:
                if released:
                    log.info("planned.released", tasks=released)
        return done


async def review(database: Database, scope: Scope, routes: Routes) -> int:
    """Have what no planned work holds any more open; give how many tasks."""
    async with database.transaction(scope, Step.look) as tx:
        waiting = await tasks.list_planned(tx)
    released = 0
    for task_id in waiting:
        # One by one: whoever takes alerts in waits for no more than one of them.
        async with database.transaction(scope, Step.sweep) as tx:
            task = await tasks.get(tx, task_id, lock=True)
            released += await _judge(tx, task, routes)
    return released


async def _judge(tx: Tx, task: Task, routes: Routes) -> bool:
    """Open it sooner, if its work ends sooner; never later."""
    what, _, window = holds_beside(task).partition(":")
    waiting = task.closed_at is None and what == MAINTENANCE
    if task.held_until is None or not waiting:
        return False
    until = await _held_until(tx, task, routes, window)
    if until is not None and until >= task.held_until:
        return False
    waits = not is_silenced(task)
    values: dict[str, object] = {"held_until": until}
    if waits:
        values["opens_at"] = until or tx.now
    elif until is None:
        values["waits_for"] = silence_of(task)
    await tasks.change(tx, task.id, values)
    return waits


async def _held_until(
    tx: Tx, task: Task, routes: Routes, window_id: str
) -> datetime | None:
    """
    Give when the first of its firing alerts is held no more; None if one is not held.

    They are judged by their stored labels, in which people have pseudonyms. The window
    that the task names may be meant for none of these: it held what its sender said.
    """
    firing = await alerts.list_firing(tx, task.id)
    named = _find_blind(tx, firing, routes, window_id)
    ends: list[datetime] = []
    for alert in firing:
        found = routes.find_maintenance(
            alert.source,
            alert.labels,
            severity=alert.severity,
            tenant_id=tx.here.tenant_id,
            now=tx.now,
        )
        until = [found[1]] if found else []
        if named is not None:
            until.append(named)
        if not until:
            return None
        ends.append(max(until))
    return min(ends, default=task.held_until)


def _find_blind(
    tx: Tx, firing: Sequence[StoredAlert], routes: Routes, window_id: str
) -> datetime | None:
    """Give the end of a window that is on and matches no alert as it is stored."""
    for window in routes.maintenance:
        if window.id == window_id and all(
            window.match.misses(one.source, one.labels, one.severity, tx.here.tenant_id)
            for one in firing
        ):
            return window.end(tx.now)
    return None
