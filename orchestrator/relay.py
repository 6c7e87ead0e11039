"""
The relay: sealed entries, in their order, onto the bus as CloudEvents 1.0.

At least once: the cursor moves after the bus has taken a batch, and an event's id is
its ledger id. A dead bus slows nothing but the relay.
"""

import json

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from policy.scope import Scope
from storage import directory, seals
from storage.database import Database
from storage.ledger import Entry
from storage.steps import Effect, Step

STREAM = "events.ops_agents.v1"
_BUS = "redis"
_BATCH = 500
# About a week at ten events a second; the ledger is the source for older ones.
_KEPT = 5_000_000


async def relay_all(database: Database, redis: Redis) -> int:
    """Publish what is sealed and not yet relayed; give how many events that were."""
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.list_scopes(tx)
    sent = 0
    for scope in scopes:
        try:
            sent += await _relay_scope(database, redis, scope)
        except (RedisError, OSError) as exc:
            structlog.get_logger().warning("relay.bus_away", error=str(exc))
            return sent
    return sent


async def _relay_scope(database: Database, redis: Redis, scope: Scope) -> int:
    async with database.transaction(scope, Step.look) as tx:
        after = await seals.read_cursor(tx, _BUS)
        batch = await seals.list_sealed(tx, after=after, most=_BATCH)
    if not batch:
        return 0
    published = [one for one in batch if one.entry.event.startswith("task.")]
    async with (
        database.effect(Effect.publish_event),
        redis.pipeline(transaction=False) as pipe,
    ):
        for one in published:
            event = cloud_event(one.entry, one.seal.seq)
            pipe.xadd(STREAM, {"event": event}, maxlen=_KEPT, approximate=True)
        await pipe.execute()
    async with database.transaction(scope, Step.relay) as tx:
        await seals.keep_cursor(tx, _BUS, batch[-1].seal.seq)
    return len(published)


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
