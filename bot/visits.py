"""
When an endpoint last heard from its sender, so that a silent one is seen.

Noted after the answer, for people who look: nothing depends on it, a process that dies
loses the last, and one that hears thousands writes one now and then.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from bot.endpoints import Endpoints
from storage import visits
from storage.database import Database
from storage.errors import StorageError
from storage.steps import Step
from storage.visits import Visit

# Of an endpoint so often: one that is taken, and one that is refused.
KEPT_SECONDS = 2.0
_TAKEN = 300


@dataclass(slots=True)
class Visits:
    """One web process's notes; ``monotonic`` gives seconds of a clock that runs."""

    database: Database
    endpoints: Endpoints
    monotonic: Callable[[], float]
    _kept_at: dict[tuple[UUID, bool], float] = field(default_factory=dict)

    async def note(self, source: str, slug: str, status: int) -> None:
        """Note what was answered; of who names no endpoint that is known, nothing."""
        endpoint = self.endpoints.known(source, slug)
        if endpoint is None:
            return
        key, now = (endpoint.id, status < _TAKEN), self.monotonic()
        if now - self._kept_at.get(key, -math.inf) < KEPT_SECONDS:
            return
        self._kept_at[key] = now
        try:
            async with self.database.transaction(endpoint.scope, Step.note_visit) as tx:
                visit = (
                    Visit(taken_at=tx.now)
                    if status < _TAKEN
                    else Visit(refused_at=tx.now, refused_status=status)
                )
                await visits.keep(tx, endpoint.id, visit)
        except StorageError as exc:
            log = structlog.get_logger()
            log.warning("webhook.not_noted", slug=endpoint.slug, error=str(exc))
