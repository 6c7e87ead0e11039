"""The facts of each message, gathered in the transaction that made them."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import decisions, outbox, posts, tasks
from storage.database import Database, Tx
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


async def step_of(tx: Tx, task: Task) -> str | None:
    shown = await outbox.find_step(tx, task.id)
    return shown.text if shown else None


async def test_a_wait_is_shown_once_and_until_it_is_over(
    database: Databases, gateway: Database, scope: Scope, task: Task
) -> None:
    """A poll each few seconds edits no root; another step is left as it is."""
    shown: list[str | None] = []
    for why, after in (
        ("frozen", 0),
        ("frozen", 61),
        ("busy, 9.5 s", 0),
        ("frozen", 5),
        ("busy, 8 s", 61),
    ):
        database.clock.move(seconds=after)
        async with gateway.transaction(scope, Step.look) as tx:
            await posts.say_wait(tx, task, why)
    async with gateway.transaction(scope, Step.look) as tx:
        shown.append(await step_of(tx, task))
        versions = len(await outbox.list_waiting(tx, task.id))
        for _ in range(2):
            await posts.end_wait(tx, task)
        shown.append(await step_of(tx, task))
        await posts.post_root(tx, task, next_step="ann looks")
        await posts.end_wait(tx, task)
        shown.append(await step_of(tx, task))
        in_all = len(await outbox.list_waiting(tx, task.id))

    assert ["Waits: busy, 9.5 s", "", "ann looks"] == shown
    assert (2, 4) == (versions, in_all)


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


async def test_findings_go_with_their_decision(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """They explain it, so they share its lane."""
    async with gateway.transaction(scope, Step.look) as tx:
        await posts.post_findings(tx, task.id, {"text": "x"})
        (post,) = await outbox.list_waiting(tx, task.id)

    assert ("evidence", Lane.decision) == (post.slot, post.lane)


@pytest.mark.parametrize(
    ("owner_slack", "named", "people"),
    [(None, "ann", ["S0ONCALL"]), ("U0ANN", None, ["U0ANN", "S0ONCALL"])],
)
async def test_an_owner_without_a_slack_id_is_named(
    gateway: Database,
    scope: Scope,
    task: Task,
    owner_slack: str | None,
    named: str | None,
    people: list[str],
) -> None:
    """A task taken long ago: nobody is pinged by a name, and nothing fails for it."""
    owner = {"takeover_by": "ann", "owner_slack": owner_slack, "people": ["S0ONCALL"]}
    async with gateway.transaction(scope, Step.decide) as tx:
        await tasks.change(tx, task.id, owner)
        taken, proposal = await tasks.get(tx, task.id), await add_proposal(tx, task)
        await posts.post_reminder(tx, taken, proposal)
        await posts.post_escalation(tx, taken, proposal)
        await posts.post_asked_anew(tx, taken, proposal, people=[], reason="x")
        reminder, *others = await outbox.list_waiting(tx, task.id)

    assert [named] * 3 == [one.payload.get("owner") for one in (reminder, *others)]
    reminders = [one for one in (reminder, *others) if one.slot.startswith("reminder")]
    assert [people] == [one.payload["people"] for one in reminders]
