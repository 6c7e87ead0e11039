"""The vault: one placeholder a value, and nobody reads it but the gateway."""

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError

from policy.scope import Scope
from storage import vault
from storage.grants import ROLES
from storage.steps import Step
from storage.tasks import Task
from storage.vault import Secret
from tests.conftest import Databases
from tests.samples import add_task

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
        await vault.keep(tx, task.id, EMAIL)
        assert {"f" * 64: "⟨email:1⟩"} == await vault.list_known(tx, task.id)


async def test_a_value_has_one_placeholder(
    database: Databases, scope: Scope, task: Task
) -> None:
    """Two placeholders for one value would hide that they are the same."""
    other = Secret("⟨email:2⟩", "email", EMAIL.fingerprint, b"")

    async with database("gateway").transaction(scope, Step.finish_call) as tx:
        await vault.keep(tx, task.id, EMAIL)
        with pytest.raises(IntegrityError, match="uq_vault"):
            await vault.keep(tx, task.id, other)


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"gateway"}))
async def test_no_other_process_reads_it(
    database: Databases, scope: Scope, task: Task, role: str
) -> None:
    """Personal data stays behind the gateway's role."""
    async with database(role).transaction(scope, Step.look) as tx:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await vault.list_known(tx, task.id)
