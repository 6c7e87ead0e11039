"""raw_e0: plain ASGI, and a batcher that commits whatever queued up meanwhile."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.floors.asgi import App, Message, pool_of, raw

# Alert, task and outbox in one statement.
_SAVE = """
WITH new AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::int[])
                    AS n (fingerprint, key, body, count)),
     saved AS (INSERT INTO alerts (fingerprint, body, count)
               SELECT fingerprint, body, count FROM new
               ON CONFLICT (fingerprint) DO UPDATE
               SET body = excluded.body, count = alerts.count + excluded.count),
     opened AS (INSERT INTO tasks (key, count)
                SELECT key, sum(count) FROM new GROUP BY 1
                ON CONFLICT (key) DO UPDATE SET count = tasks.count + excluded.count)
INSERT INTO outbox (key, body) SELECT key, body FROM new
"""


def make(url: str) -> App:
    pool = pool_of(url, 1)
    queue: asyncio.Queue[tuple[dict[str, str], asyncio.Future[None]]] = asyncio.Queue()

    async def save() -> None:
        while True:
            batch = [await queue.get()]
            while not queue.empty():
                batch.append(queue.get_nowait())
            last = {labels["fingerprint"]: labels for labels, _ in batch}
            times = Counter(labels["fingerprint"] for labels, _ in batch)
            async with pool.connection() as connection:
                await connection.execute(
                    _SAVE,
                    (
                        list(last),
                        [labels["key"] for labels in last.values()],
                        [labels["body"] for labels in last.values()],
                        [times[fingerprint] for fingerprint in last],
                    ),
                )
            for _, done in batch:
                done.set_result(None)

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        async with pool, asyncio.TaskGroup() as group:
            saving = group.create_task(save())
            yield
            saving.cancel()

    async def handle(_scope: Message, body: bytes) -> bytes:
        alert = json.loads(body)["alerts"][0]
        done = asyncio.get_running_loop().create_future()
        queue.put_nowait(
            (
                {
                    "fingerprint": alert["fingerprint"],
                    "key": alert["labels"]["service"],
                    "body": json.dumps(alert),
                },
                done,
            )
        )
        await done
        return b"{}"

    return raw(handle, opened, 202)
