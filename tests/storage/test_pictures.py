"""Copies of pictures for Slack: once each, and dropped once it has them."""

from uuid import UUID

import pytest

from policy.scope import Scope
from storage import pictures, tool_calls
from storage.redacted import Redacted, RedactedText
from storage.steps import Step
from storage.tasks import Task
from storage.tool_calls import Drawing
from tests.conftest import Databases
from tests.samples import add_task
from tests.storage.test_tool_calls import call


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await add_task(tx)


def drawn(word: str) -> Drawing:
    return Drawing(word.encode(), RedactedText(word))


async def test_the_first_pictures_are_copied_once(
    database: Databases, scope: Scope, task: Task
) -> None:
    """Evidence without one has none; the courier drops the bytes it has sent."""
    drawings = [drawn("1"), None, drawn("2"), drawn("3")]
    async with database("gateway").transaction(scope, Step.report_run) as tx:
        for number, drawing in enumerate(drawings):
            await tool_calls.keep_evidence(
                tx,
                await tool_calls.begin(tx, call(task)),
                task_id=task.id,
                tool="dashboard",
                body=Redacted({"n": number}),
                drawing=drawing,
            )
        first = await pictures.copy_of_task(tx, task.id, most=2)
        again = await pictures.copy_of_task(tx, task.id, most=2)
    async with database("courier").transaction(scope, Step.message_sent) as tx:
        await pictures.keep_file(tx, first[0].id, "F1")
        await pictures.keep_file(tx, first[0].id, "F2")
        sent = await pictures.get(tx, first[0].id)
        waits = await pictures.get(tx, first[1].id)

    assert 2 == len({one.png for one in first} & {b"1", b"2", b"3"})
    assert first == again
    assert ("F1", None, first[0].alt) == (sent.file_id, sent.png, sent.alt)
    assert first[1] == waits


async def test_a_picture_of_nobody_s_is_missed_loudly(
    database: Databases, scope: Scope
) -> None:
    """Another scope's, or none."""
    async with database("courier").transaction(scope, Step.look) as tx:
        with pytest.raises(LookupError, match="not in this scope"):
            await pictures.get(tx, UUID(int=7))
