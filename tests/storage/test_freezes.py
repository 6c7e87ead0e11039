"""The freeze row: what holds, for whom, until when; and who waits for whom."""

import asyncio
from datetime import timedelta

import pytest

from policy.scope import Scope
from storage import freezes
from storage.database import Database
from storage.freezes import Freeze, Hold
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE

FLAG, REVERSIBLE = "toggle_feature_flag", "write_reversible"


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


async def freeze(database: Databases, scope: Scope) -> None:
    async with database(RELEASE).transaction(scope, Step.set_up) as tx:
        await freezes.freeze(tx, Hold("a drill", "ann"))


@pytest.mark.parametrize("lock", [False, True])
async def test_no_freeze_row_means_frozen(gateway: Database, *, lock: bool) -> None:
    """A scope that nobody set up allows no write."""
    async with gateway.transaction(Scope("acme", "nowhere"), Step.look) as tx:
        assert (await freezes.read(tx, lock=lock)).frozen


async def test_a_thawed_scope_is_not_frozen(gateway: Database, scope: Scope) -> None:
    """A freeze row that says no lets writes begin."""
    async with gateway.transaction(scope, Step.look) as tx:
        assert not (await freezes.read(tx, lock=True)).frozen


async def test_a_new_scope_may_start_frozen(gateway: Database, scopes: Scopes) -> None:
    """A freeze says why and by whom."""
    scope = await scopes("acme", "prod", frozen=True)
    async with gateway.transaction(scope, Step.look) as tx:
        found = await freezes.read(tx, lock=True)

    assert found.whole is not None
    assert "setup" == found.whole.by


async def test_a_freeze_ends_at_its_time(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A freeze with an end holds before it and not after."""
    await freeze(database, scope)
    until = database.clock.now + timedelta(minutes=5)
    async with gateway.transaction(scope, Step.set_up) as tx:
        await tx.change("UPDATE freezes SET until = :at", {"at": until})
        before = (await freezes.read(tx, lock=False)).frozen
    database.clock.move(seconds=300)
    async with gateway.transaction(scope, Step.look) as tx:
        after = (await freezes.read(tx, lock=False)).frozen

    assert (True, False) == (before, after)


async def test_a_freeze_waits_for_what_has_begun(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A freeze answers when the last begun intent has committed."""
    async with (
        asyncio.TaskGroup() as group,
        gateway.transaction(scope, Step.execution_intent) as tx,
    ):
        await freezes.read(tx, lock=True)
        freezing = group.create_task(freeze(database, scope))
        done, _ = await asyncio.wait({freezing}, timeout=0.1)
        assert not done
    async with gateway.transaction(scope, Step.look) as tx:
        assert (await freezes.read(tx, lock=True)).frozen


async def test_nothing_begins_while_a_freeze_is_made(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """An intent that meets a freeze under way waits for it, and sees it."""

    async def begin() -> bool:
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            return (await freezes.read(tx, lock=True)).frozen

    async with (
        asyncio.TaskGroup() as group,
        database(RELEASE).transaction(scope, Step.set_up) as tx,
    ):
        await freezes.freeze(tx, Hold("a drill", "ann"))
        beginning = group.create_task(begin())
        done, _ = await asyncio.wait({beginning}, timeout=0.1)
        assert not done

    assert beginning.result()


async def test_intents_do_not_wait_for_each_other(
    gateway: Database, scope: Scope
) -> None:
    """The freeze row is shared by those who begin."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        await freezes.read(tx, lock=True)
        async with gateway.transaction(scope, Step.execution_intent) as other:
            assert not (await freezes.read(other, lock=True)).frozen


def stopped(freeze: Freeze, *, tool: str = FLAG, service: str | None = "feed") -> bool:
    services = [service] if service else []
    held = freeze.holding(tool=tool, category=REVERSIBLE, services=services)
    return held is not None


@pytest.mark.parametrize("name", [FLAG, REVERSIBLE, "service:feed"])
async def test_a_named_scope_holds_its_own(
    gateway: Database, scope: Scope, name: str
) -> None:
    """A tool, a category or a service may be frozen alone."""
    async with gateway.transaction(scope, Step.freeze) as tx:
        await freezes.freeze(tx, Hold("odd", "ann"), scope=name)
        found = await freezes.read(tx, lock=True)

    assert stopped(found)
    assert not found.frozen
    assert Freeze(None, {"service:checkout": Hold("odd", "ann")}).holding(
        tool="t", category=REVERSIBLE, services={"Checkout"}
    )
    assert not Freeze(None, {"another": Hold("odd", "ann")}).holding(
        tool=FLAG, category=REVERSIBLE, services=["feed"]
    )


async def test_a_thaw_lifts_one_scope_or_all(gateway: Database, scope: Scope) -> None:
    """What is still frozen after a thaw is said."""
    async with gateway.transaction(scope, Step.freeze) as tx:
        await freezes.freeze(tx, Hold("odd", "ann"), scope=FLAG)
        await freezes.freeze(tx, Hold("drill", "ann"))
        left = await freezes.thaw(tx, scope=FLAG)
        assert left.frozen
        assert not (await freezes.thaw(tx)).frozen
        assert not stopped(await freezes.read(tx, lock=False))


async def test_a_scope_ends_at_its_time(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A named scope with an end holds before it and not after."""
    hold = Hold("odd", "ann", database.clock.now + timedelta(minutes=5))
    async with gateway.transaction(scope, Step.freeze) as tx:
        await freezes.freeze(tx, hold, scope=FLAG)
        before = stopped(await freezes.read(tx, lock=False))
    database.clock.move(seconds=300)
    async with gateway.transaction(scope, Step.look) as tx:
        after = stopped(await freezes.read(tx, lock=False))

    assert (True, False) == (before, after)


@pytest.mark.parametrize("undo_too", [False, True])
async def test_an_undo_is_held_only_where_that_was_said(
    gateway: Database, scope: Scope, *, undo_too: bool
) -> None:
    """A freeze lets undo and reversions go on, unless it is of everything."""
    async with gateway.transaction(scope, Step.freeze) as tx:
        await freezes.freeze(tx, Hold("odd", "ann"), undo_too=undo_too)
        found = await freezes.read(tx, lock=True)

    assert undo_too == (found.holds_undo is not None)


async def test_without_a_row_undo_is_held_too(gateway: Database) -> None:
    """A scope that nobody set up writes nothing at all."""
    async with gateway.transaction(Scope("acme", "nowhere"), Step.look) as tx:
        assert (await freezes.read(tx, lock=True)).holds_undo


async def test_a_freeze_never_shortens_another(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """Half an hour on top of an open end leaves the open end, and ``--all`` too."""
    soon = database.clock.now + timedelta(minutes=30)
    async with gateway.transaction(scope, Step.freeze) as tx:
        await freezes.freeze(tx, Hold("incident", "ann"), undo_too=True)
        await freezes.freeze(tx, Hold("incident", "ann"), scope=FLAG)
        await freezes.freeze(tx, Hold("deploy", "ben", soon))
        await freezes.freeze(tx, Hold("deploy", "ben", soon), scope=FLAG)
    database.clock.move(seconds=3600)
    async with gateway.transaction(scope, Step.look) as tx:
        found = await freezes.read(tx, lock=False)

    assert found.whole == Hold("incident", "ann")
    assert found.holds_undo
    assert FLAG in found.scopes
