"""The vault: one placeholder a value, and nobody reads it but the gateway."""

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError

from policy.scope import Scope
from storage import vault
from storage.grants import ROLES
from storage.steps import Step
from storage.tasks import Task
from storage.vault import Known, Secret
from tests.conftest import Databases
from tests.samples import add_alert, add_task, alert

EMAIL = Secret("⟨email:1⟩", "email", "f" * 64, b"\x00sealed")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await add_task(tx)


async def test_a_value_keeps_its_placeholder(
    database: Databases, scope: Scope, task: Task
) -> None:
    """What was met before in a task has the same placeholder again."""
    async with database("gateway").transaction(scope, Step.finish_call) as tx:
        await vault.keep(tx, task.id, [EMAIL])
        found = await vault.list_known(tx, task.id, kinds=["name"])

    assert Known({"f" * 64: "⟨email:1⟩"}, {}, "") == found


async def test_all_is_known_at_once(
    database: Databases, scope: Scope, task: Task
) -> None:
    """Every placeholder, what is sealed behind some kinds, what the alerts name."""
    name = Secret("⟨name:1⟩", "name", "a" * 64, b"sealed\x00too")
    forgotten = Secret("⟨name:2⟩", "name", "b" * 64, b"")
    async with database("worker").transaction(scope, Step.set_up) as tx:
        for number, title in enumerate(("ask ⟨email:bcdfghjk⟩", "calm", "⟨x⟩ ⟨")):
            await add_alert(tx, alert(f"f{number}", tx, title=title), task.id)
    async with database("gateway").transaction(scope, Step.finish_call) as tx:
        await vault.keep(tx, task.id, [EMAIL, name, forgotten])
        found = await vault.list_known(tx, task.id, kinds=["name", "birth"])
        sealed = await vault.list_sealed(tx, task.id, ["⟨email:1⟩", "⟨name:2⟩"])

    assert {"⟨email:1⟩", "⟨name:1⟩", "⟨name:2⟩"} == set(found.placeholders.values())
    assert {"⟨name:1⟩": b"sealed\x00too"} == found.sealed
    assert "⟨email:bcdfghjk⟩" == found.named
    assert {"⟨email:1⟩": b"\x00sealed"} == sealed


async def test_a_task_knows_nothing_of_another(
    database: Databases, scope: Scope, task: Task
) -> None:
    async with database("gateway").transaction(scope, Step.finish_call) as tx:
        other = await add_task(tx, group_key="other")
        await vault.keep(tx, task.id, [EMAIL])
        await vault.keep(tx, task.id, [])

        assert Known({}, {}, "") == await vault.list_known(
            tx, other.id, kinds=["email"]
        )


async def test_a_value_has_one_placeholder(
    database: Databases, scope: Scope, task: Task
) -> None:
    """Two placeholders for one value would hide that they are the same."""
    other = Secret("⟨email:2⟩", "email", EMAIL.fingerprint, b"")

    async with database("gateway").transaction(scope, Step.finish_call) as tx:
        await vault.keep(tx, task.id, [EMAIL])
        with pytest.raises(IntegrityError, match="uq_vault"):
            await vault.keep(tx, task.id, [other])


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"gateway"}))
async def test_no_other_process_reads_it(
    database: Databases, scope: Scope, task: Task, role: str
) -> None:
    """Personal data stays behind the gateway's role."""
    async with database(role).transaction(scope, Step.look) as tx:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await vault.list_known(tx, task.id, kinds=["name"])
