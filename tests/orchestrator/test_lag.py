"""How far sealing is behind: the worst over tenants, and an alarm while it lasts."""

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from orchestrator import sealer
from orchestrator.lag import Lag, LagMeter, measure
from policy.scope import TenantScope
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.orchestrator.world import Rows
from tests.storage.sealing import PROD, Sealing, make_sealing


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    return await make_sealing(database, scopes)


async def lag(database: Databases) -> Lag:
    tenants = await sealer.list_tenants(database("sealer"))
    return await measure(database("sealer"), tenants, {})


async def test_nothing_waits_at_first(sealing: Sealing, database: Databases) -> None:
    assert Lag() == await lag(database)
    assert sealing is not None


async def test_what_waits_is_as_old_as_its_oldest(
    sealing: Sealing, database: Databases
) -> None:
    """For a seal first, for a signature after that, and then for nothing."""
    task = await sealing.task()
    await sealing.append(task)
    database.clock.move(seconds=4)
    await sealing.append(task)
    database.clock.move(seconds=3)
    waiting = await lag(database)
    await sealing.seal()
    database.clock.move(seconds=2)
    sealed = await lag(database)
    await sealing.sign()

    assert Lag(2, 7.0, 0.0) == waiting
    assert Lag(0, 0.0, 2.0) == sealed
    assert Lag() == await lag(database)


async def test_a_transaction_that_stays_open_is_seen(
    sealing: Sealing, database: Databases
) -> None:
    """It holds every seal back; the gauge grows until it ends."""
    task = await sealing.task()
    async with sealing.worker.transaction(PROD, Step.look) as tx:
        await sealing.append_in(tx, None)
        await sealing.append(task)
        held = await sealing.seal()
        database.clock.move(seconds=60)
        during = await lag(database)
    await sealing.seal()

    assert (0, 1, 60.0) == (held, during.entries, during.seal_seconds)
    assert 0 == (await lag(database)).entries


async def test_the_worst_of_the_tenants_counts(
    sealing: Sealing, database: Databases, scopes: Scopes
) -> None:
    globex = await scopes("globex", "prod")
    await sealing.append(await sealing.task())
    database.clock.move(seconds=5)
    await Rows(database, globex).started()
    database.clock.move(seconds=1)

    assert Lag(2, 6.0, 0.0) == await lag(database)


async def test_what_was_reached_is_not_counted_again(
    sealing: Sealing, database: Databases
) -> None:
    reached: dict[TenantScope, int] = {}
    await sealing.append(await sealing.task())
    await sealer.seal_all(database("sealer"), reached)
    [scope] = reached
    await sealing.append(await sealing.task())

    assert 1 == (await measure(database("sealer"), [scope], reached)).entries


@pytest.mark.parametrize(
    ("found", "alarms"),
    [(Lag(), 0), (Lag(9, 30.0, 0.0), 0), (Lag(1, 31.0, 0.0), 1), (Lag(0, 0, 31.0), 1)],
)
def test_the_alarm_says_what_to_look_for(found: Lag, alarms: int) -> None:
    meter = LagMeter(alarm_seconds=30)
    with capture_logs() as logs:
        meter.note(found)
    text = generate_latest(meter.registry).decode()

    assert ["sealer.lagging"] * alarms == [one["event"] for one in logs]
    assert all("pg_stat_activity" in one["mend"] for one in logs)
    assert f"autopilot_ledger_unsealed_entries {float(found.entries)}" in text
    assert f"autopilot_ledger_seal_lag_seconds {found.seal_seconds}" in text
