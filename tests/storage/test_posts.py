"""The facts of each message, gathered in the transaction that made them."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import decisions, outbox, posts, tasks
from storage.database import Database
from storage.decisions import NewVote
from storage.outbox import Lane, Post
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_alert, add_proposal, add_task, alert


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    """A task with one alert, counted twice."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        for _ in range(2):
            await add_alert(tx, alert("f1", tx), task.id)
        return await tasks.get(tx, task.id)


async def test_the_root_counts_the_alerts(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """The thread's first message says how many alerts it stands for."""
    async with gateway.transaction(scope, Step.look) as tx:
        await posts.post_root(tx, task, next_step="waiting")
        (root,) = await outbox.list_waiting(tx, task.id)

    facts = root.payload
    assert (2, "waiting", task.short_id, "queued") == (
        facts["alerts"],
        facts["next_step"],
        facts["short_id"],
        facts["state"],
    )


async def test_a_card_shows_votes_and_what_is_shown(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """The card holds the digest that a click will name, and standing votes alone."""
    async with gateway.transaction(scope, Step.decide) as tx:
        proposal = await add_proposal(tx, task)
        for person in ("ann", "bob"):
            await decisions.add_vote(
                tx,
                NewVote(proposal.id, "d", person, "approve", "", "", UUID(int=1)),
            )
            if person == "ann":
                await decisions.void_approvals(tx, proposal.id)
        await posts.post_card(tx, proposal.id)
        (card,) = await outbox.list_waiting(tx, task.id)

    assert (f"proposal:{proposal.id}", proposal.digest) == (
        card.slot,
        card.payload["digest"],
    )
    assert ["bob"] == [one["person"] for one in votes(card)]


def votes(card: Post) -> list[Mapping[str, object]]:
    found = card.payload["votes"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("name", "slot", "lane"),
    [
        ("post_findings", "evidence", Lane.decision),
        ("post_trace", "trace", Lane.chatter),
    ],
)
async def test_each_message_has_its_slot(
    gateway: Database, scope: Scope, task: Task, name: str, slot: str, lane: Lane
) -> None:
    """Findings go with the decision that they explain; the trace goes last."""
    write = {"post_findings": posts.post_findings, "post_trace": posts.post_trace}[name]
    async with gateway.transaction(scope, Step.look) as tx:
        await write(tx, task.id, {"text": "x"})
        (post,) = await outbox.list_waiting(tx, task.id)

    assert (slot, lane) == (post.slot, post.lane)
