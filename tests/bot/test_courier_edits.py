"""What is edited in place is edited once a second, and the newest wins."""

from policy.scope import Scope
from storage import outbox
from storage.outbox import Lane, NewPost
from storage.steps import Step
from storage.tasks import Task
from tests.bot.office import Office
from tests.conftest import Databases
from tests.lab.world import World


async def trace(office: Office, task: Task, looks: int) -> str:
    """Post a trace of so many looks, deliver what may go, and give what stands."""
    rows = [{"tool": f"tool{number}", "seconds": 1} for number in range(looks)]
    async with office.database("worker").transaction(office.scope, Step.look) as tx:
        post = NewPost(task.id, "trace", "trace", {"looks": rows}, Lane.chatter)
        await outbox.post(tx, post)
    await office.deliver()
    await office.forget_lease()
    return str([one["text"] for one in await office.messages()][-1])


async def test_a_trace_is_edited_once_a_second(
    database: Databases, scope: Scope, lab: World
) -> None:
    """Each call as it runs, but no faster; a card does not wait for it."""
    office = Office(database, scope, lab)
    task = await office.task()
    await office.deliver()
    await office.forget_lease()
    first = await trace(office, task, 1)
    second = await trace(office, task, 2)
    await office.card(task)
    third = await trace(office, task, 3)
    database.clock.move(seconds=1.1)
    await office.deliver()
    messages = [str(one["text"]) for one in await office.messages()]

    assert first == second
    assert third != first
    assert first not in messages
    assert 3 == len(messages)
