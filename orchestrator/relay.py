"""
The relay: sealed entries, in their order, onto the bus as CloudEvents 1.0.

At least once: the cursor moves after the bus has taken a batch, and an event's id is
its ledger id. A dead bus slows nothing but the relay.
"""

import json
from collections.abc import Sequence

import structlog

from orchestrator.bus import Bus, BusAway, Message
from policy.scope import Scope
from storage import directory, seals
from storage.database import Database
from storage.ledger import Entry
from storage.seals import SealedEntry
from storage.steps import Effect, Step
from wire.events import VERSION

_BATCH = 500


async def relay_all(database: Database, bus: Bus) -> int:
    """Publish what is sealed and not yet relayed; give how many events that were."""
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.list_scopes(tx)
    sent = 0
    for scope in scopes:
        try:
            sent += await _relay_scope(database, bus, scope)
        except BusAway as exc:
            structlog.get_logger().warning("relay.bus_away", error=str(exc))
            return sent
    return sent


async def _relay_scope(database: Database, bus: Bus, scope: Scope) -> int:
    async with database.transaction(scope, Step.look) as tx:
        after = await seals.read_cursor(tx, bus.name)
        batch = await seals.list_sealed(tx, after=after, most=_BATCH)
    if not batch:
        return 0
    messages = messages_of(batch)
    async with database.effect(Effect.publish_event):
        await bus.publish(messages)
    async with database.transaction(scope, Step.relay) as tx:
        await seals.keep_cursor(tx, bus.name, batch[-1].seal.seq)
    return len(messages)


def messages_of(batch: Sequence[SealedEntry]) -> list[Message]:
    """Give those of them that are events: a task's, and no refusal outside of one."""
    return [
        Message(str(one.entry.id), cloud_event(one.entry, one.seal.seq))
        for one in batch
        if one.entry.event.startswith("task.")
    ]


def cloud_event(entry: Entry, seq: int) -> str:
    """Give one CloudEvents 1.0 JSON envelope (structured mode)."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(entry.id),
            "source": f"/ops-autopilot/{entry.tenant_id}/{entry.environment}",
            "type": f"ops.agent_{entry.event}",
            "subject": str(entry.task_id),
            "time": entry.at.isoformat(timespec="microseconds"),
            "datacontenttype": "application/json",
            "dataschema": f"urn:ops-autopilot:events:{entry.event}:{VERSION}",
            "tenant": entry.tenant_id,
            "environment": entry.environment,
            "sequence": str(seq),
            "taskseq": entry.task_seq,
            "actor": entry.actor,
            "data": json.loads(entry.body),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
