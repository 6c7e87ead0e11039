"""Our own records as a port: the ledger and the settled tasks of one scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.subjects import AuditEntry, PastTask
from policy.scope import Scope
from storage import search
from storage.database import Database
from storage.search import FoundEntry, FoundTask
from storage.steps import Step


@dataclass(frozen=True, slots=True)
class StoredRecords:
    """Fulfils ``Records``; row-level security holds, as everywhere."""

    database: Database

    async def search_ledger(
        self, scope: Scope, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]:
        async with self.database.transaction(scope, Step.look) as tx:
            found = await search.search_ledger(
                tx, query, since=datetime.fromtimestamp(since, UTC), most=most
            )
        return [_entry(one) for one in found]

    async def ledger_unread(self, scope: Scope, *, since: float) -> float | None:
        async with self.database.transaction(scope, Step.look) as tx:
            unread = await search.find_unread(
                tx, since=datetime.fromtimestamp(since, UTC)
            )
        return unread.timestamp() if unread else None

    async def search_tasks(
        self, scope: Scope, query: str, *, most: int
    ) -> Sequence[PastTask]:
        async with self.database.transaction(scope, Step.look) as tx:
            found = await search.search_tasks(tx, query, most=most)
        return [_past(one) for one in found]


def _entry(found: FoundEntry) -> AuditEntry:
    return AuditEntry(
        at=found.at.timestamp(),
        actor=found.actor,
        action=found.event,
        target=str(found.task_id) if found.task_id else "",
        detail=found.body,
    )


def _past(found: FoundTask) -> PastTask:
    return PastTask(
        task_id=str(found.id),
        title=found.title,
        kind=found.kind,
        service=found.service,
        state=found.state,
        headline=found.headline,
        opened_at=found.created_at.timestamp(),
        closed_at=found.closed_at.timestamp(),
        actions=found.actions,
        rank=found.rank,
    )
