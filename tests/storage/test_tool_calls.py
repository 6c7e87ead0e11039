"""The contract log: every call, refusals too, and the evidence it gave."""

from hashlib import sha256
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import runs, tool_calls
from storage.database import Database
from storage.redacted import Redacted
from storage.steps import Step
from storage.tasks import Task
from storage.tool_calls import NewCall
from tests.conftest import Databases
from tests.samples import add_task

RUN = UUID(int=5)


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await add_task(tx)


def call(task: Task, phase: str = "read", key: str | None = None) -> NewCall:
    return NewCall(
        task_id=task.id,
        run_id=RUN,
        tool="trace_lookup",
        tool_version=1,
        phase=phase,
        inputs={"service": "feed"},
        correlation_id=task.correlation_id,
        verdict="allow",
        rule="reads",
        idempotency_key=key,
    )


@pytest.mark.parametrize(("error", "state"), [(None, "completed"), ("x", "failed")])
async def test_a_call_begins_and_ends(
    gateway: Database, scope: Scope, task: Task, error: str | None, state: str
) -> None:
    """A started row becomes completed, or failed where there was an error."""
    async with gateway.transaction(scope, Step.finish_call) as tx:
        call_id = await tool_calls.begin(tx, call(task))
        (before,) = await tool_calls.list_looks(tx, task.id, run_id=RUN)
        await tool_calls.finish(tx, call_id, outputs={"n": 1}, error=error)
        (after,) = await tool_calls.list_looks(tx, task.id, run_id=RUN)

    assert ("started", state) == (before["state"], after["state"])


async def test_a_refusal_is_logged(gateway: Database, scope: Scope, task: Task) -> None:
    """What was not carried out is a row, with why, finished at once."""
    async with gateway.transaction(scope, Step.begin_call) as tx:
        await tool_calls.refuse(tx, call(task), error="e" * 2000)
        row = await tx.row(
            "SELECT state, length(error) AS n, finished_at FROM tool_calls"
        )

    assert {"state": "refused", "n": 1000, "finished_at": tx.now} == row


async def test_a_write_ends_by_its_key(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """The outcome of a write finds its row, and no other write's."""
    async with gateway.transaction(scope, Step.execution_outcome) as tx:
        for key in ("p1:apply", "p2:apply"):
            await tool_calls.begin(tx, call(task, "apply", key))
        await tool_calls.finish_apply(tx, "p1:apply", outputs={"n": 1}, error=None)
        await tool_calls.finish_apply(tx, "none:apply", outputs=None, error=None)
        rows = await tx.rows(
            "SELECT idempotency_key AS key, state FROM tool_calls ORDER BY 1"
        )

    assert [("p1:apply", "completed"), ("p2:apply", "started")] == [
        (row["key"], row["state"]) for row in rows
    ]


async def test_only_reads_are_looks(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """What it looked at are its reads; its budget counts them, and what was refused."""
    async with gateway.transaction(scope, Step.begin_call) as tx:
        for phase in ("read", "apply", "verify"):
            await tool_calls.begin(tx, call(task, phase))
        looks = await tool_calls.list_looks(tx, task.id, run_id=RUN)

        await tool_calls.refuse(tx, call(task, "propose"), error="not in its list")

        assert 1 == len(looks)
        assert (2, None) == await runs.look(tx, task.id, RUN, "1")


async def test_what_another_run_left_was_cut_off(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """A call without an end runs in its own run alone; one that ended has its end."""
    async with gateway.transaction(scope, Step.begin_call) as tx:
        ended = await tool_calls.begin(tx, call(task))
        await tool_calls.finish(tx, ended, outputs={}, error=None)
        await tool_calls.begin(tx, call(task))
        looks = await tool_calls.list_looks(tx, task.id, run_id=UUID(int=6))

    assert ["completed", "cut"] == [look["state"] for look in looks]


async def test_evidence_is_named_by_its_content(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """The digest is SHA-256 of the body as kept."""
    async with gateway.transaction(scope, Step.finish_call) as tx:
        call_id = await tool_calls.begin(tx, call(task))
        kept = await tool_calls.keep_evidence(
            tx,
            call_id,
            task_id=task.id,
            tool="trace_lookup",
            body=Redacted({"b": 1.0, "a": "é"}),
        )
        listed = await tool_calls.list_evidence(tx, task.id)

    assert ('{"a":"é","b":1}', [kept]) == (kept.body, list(listed))
    assert sha256(kept.body.encode()).hexdigest() == kept.digest


async def test_what_a_card_cites_is_numbered_as_in_its_thread(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """Another task's has no number here; what is no evidence is left out."""
    async with gateway.transaction(scope, Step.finish_call) as tx:
        ids = []
        for _ in range(3):
            kept = await tool_calls.keep_evidence(
                tx,
                await tool_calls.begin(tx, call(task)),
                task_id=task.id,
                tool="trace_lookup",
                body=Redacted({}),
            )
            ids.append(str(kept.id))
        numbers = {
            str(one.id): number
            for number, one in enumerate(await tool_calls.list_evidence(tx, task.id), 1)
        }
        cited = [ids[0], ids[2], "no id", str(UUID(int=7))]
        here = await tool_calls.list_cited(tx, task.id, cited)
        there = await tool_calls.list_cited(tx, UUID(int=9), cited)
        none = await tool_calls.list_cited(tx, task.id, ["no id"])

    assert {one: numbers[one] for one in (ids[0], ids[2])} == {
        str(one.id): one.number for one in here
    }
    assert [None, None] == [one.number for one in there]
    assert [] == none
