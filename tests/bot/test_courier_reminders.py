"""Reminders that Slack gets late: nobody is asked for what is decided."""

from uuid import UUID

import pytest

from policy.lifecycle import ProposalEvent
from policy.scope import Scope
from storage import moves, posts, proposals, tasks
from storage.steps import Step
from storage.tasks import Task
from tests.bot.office import Office
from tests.conftest import Databases
from tests.lab.world import World


@pytest.fixture
def office(database: Databases, scope: Scope, lab: World) -> Office:
    return Office(database, scope, lab)


async def asked(office: Office, *, paged: str = "") -> tuple[Task, UUID]:
    """Have a card that Slack has, and its reminder and its next roles' wait."""
    task = await office.task()
    proposal_id = await office.card(task)
    await office.deliver()
    await office.forget_lease()
    async with office.database("worker").transaction(office.scope, Step.look) as tx:
        await proposals.keep_reminder(tx, proposal_id)
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        held = await tasks.get(tx, task.id, lock=True)
        proposal = await proposals.get(tx, proposal_id)
        await posts.post_reminder(tx, held, proposal, paged=paged)
        await posts.post_escalation(tx, held, proposal)
    return task, proposal_id


async def decide(office: Office, task: Task, proposal_id: UUID) -> None:
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        held = await tasks.get(tx, task.id, lock=True)
        proposal = await proposals.get(tx, proposal_id)
        await moves.close(
            tx, held, proposal, ProposalEvent.rejected, by="ann", reason="no"
        )


async def reminded(office: Office, *, paged: str = "") -> list[str]:
    """Have the card decided before Slack was told that it waits."""
    await decide(office, *await asked(office, paged=paged))
    await office.deliver()
    return [str(one["text"]) for one in await office.messages()]


async def test_a_decided_card_reminds_nobody(office: Office) -> None:
    """Neither of whom it waited for first, nor the next roles; the rows say so."""
    said = "\n".join(await reminded(office))
    states = dict(await office.states())

    assert "Throttle: rejected" in said
    assert "Still waiting" not in said
    assert "Now yours" not in said
    assert {"superseded"} == {
        state
        for slot, state in states.items()
        if slot.startswith(("reminder", "escalation"))
    }


async def test_what_slack_has_says_that_it_is_decided(office: Office) -> None:
    """In place; what it asked for is nobody's any more."""
    task, proposal_id = await asked(office)
    await office.deliver()
    before = "\n".join(str(one["text"]) for one in await office.messages())
    await office.forget_lease()
    await decide(office, task, proposal_id)
    await office.deliver()
    after = "\n".join(str(one["text"]) for one in await office.messages())

    assert "Still waiting: Throttle" in before
    assert "Still waiting" not in after
    assert "Decided: Throttle" in after


async def test_what_was_tried_in_vain_is_no_news_either(office: Office) -> None:
    """Slack is asked whether it stands there, and it does not."""
    task, proposal_id = await asked(office)
    await office.arm("http_500", count=2)
    for _ in range(2):
        await office.deliver()
        await office.forget_lease()
    await decide(office, task, proposal_id)
    await office.deliver()
    said = "\n".join(str(one["text"]) for one in await office.messages())

    assert "Throttle: rejected" in said
    assert "Decided" not in said
    assert "Still waiting" not in said


async def test_that_the_pager_was_called_is_told_all_the_same(office: Office) -> None:
    """It is news of its own; the card is not said to wait."""
    said = "\n".join(await reminded(office, paged="The pager was called."))

    assert "Decided: Throttle" in said
    assert "Still waiting" not in said
