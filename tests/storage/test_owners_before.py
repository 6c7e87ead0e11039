"""Who took a task before its owner's Slack id was kept."""

import asyncio
from time import monotonic, sleep

import psycopg

from alembic import command
from cli.migrate import alembic_config
from policy.acts import Act
from policy.scope import Scope
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.database import ADMIN, RELEASE, Urls
from tests.samples import add_task

_ACT = """
    INSERT INTO inbox (tenant_id, environment, id, source, delivery_id, kind, payload,
      state, received_at)
    SELECT tenant_id, environment, gen_random_uuid(), 'slack', %s, 'act',
      jsonb_build_object('act', %s::text, 'task', id, 'user', %s::text), 'done',
      clock_timestamp()
    FROM tasks WHERE id = %s
"""


async def owned(database: Databases, scope: Scope, *clicks: tuple[Act, str]) -> Task:
    """Open a task that these acted on, as 0015 left it: its owner is a name alone."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, group_key=str(clicks))
    with psycopg.connect(database.urls[ADMIN], autocommit=True) as admin:
        admin.execute(
            "UPDATE tasks SET takeover_by = 'ann', owner_slack = NULL WHERE id = %s",
            [task.id],
        )
        for number, (act, user) in enumerate(clicks):
            admin.execute(_ACT, [f"{task.id} {number}", act, user, task.id])
    return task


def owners(urls: Urls) -> dict[object, str | None]:
    with psycopg.connect(urls[ADMIN]) as admin:
        found = admin.execute("SELECT id, owner_slack FROM tasks").fetchall()
    return dict(found)


async def test_they_are_known_by_their_last_click(
    database: Databases, scope: Scope
) -> None:
    """Of who took it, not who muted it; of whom no click is kept, nothing is known."""
    take, mute = Act.take, Act.mute
    taken = await owned(database, scope, (take, "U0OLD"), (take, "U0ANN"))
    muted = await owned(database, scope, (take, "U0ANN"), (mute, "U0BOB"))
    unknown = await owned(database, scope)
    config = alembic_config(database.urls[RELEASE])
    command.downgrade(config, "0016")
    command.upgrade(config, "head")

    assert {taken.id: "U0ANN", muted.id: "U0ANN", unknown.id: None} == owners(
        database.urls
    )


async def test_who_writes_meanwhile_gets_their_task(
    database: Databases, scope: Scope
) -> None:
    """The migration waits for the outbox, and holds no task that its writers need."""
    task = await owned(database, scope, (Act.take, "U0ANN"))
    config = alembic_config(database.urls[RELEASE])
    command.downgrade(config, "0016")
    with psycopg.connect(database.urls[ADMIN]) as writer:
        writer.execute("SET lock_timeout = '1s'")
        writer.execute("LOCK TABLE outbox IN ROW EXCLUSIVE MODE")
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(command.upgrade, config, "head"))
            await asyncio.to_thread(until_it_waits, database.urls)
            writer.execute(
                "UPDATE tasks SET updated_at = updated_at WHERE id = %s", [task.id]
            )
            writer.commit()

    assert {task.id: "U0ANN"} == owners(database.urls)


def until_it_waits(urls: Urls) -> None:
    """Wait until somebody wants the whole outbox."""
    ends = monotonic() + 30
    with psycopg.connect(urls[ADMIN], autocommit=True) as admin:
        while not admin.execute(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"
        ).fetchone():
            assert monotonic() < ends, "the migration never waited"
            sleep(0.02)
