"""An answer goes where its click was made."""

from uuid import UUID

import pytest

from policy.scope import Scope
from storage import answers, inbox, outbox
from storage.inbox import Delivery
from storage.outbox import Lane
from storage.proposals import Proposal
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

URL = "https://hooks.slack.com/actions/T1/1/abc"
TOLD = "SELECT destination, payload FROM outbox WHERE kind = 'answer' ORDER BY version"


@pytest.fixture
async def proposal(database: Databases, scope: Scope) -> Proposal:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        return await add_proposal(tx, task, estimate={"title": "Throttle"})


async def click(
    database: Databases, scope: Scope, proposal: Proposal, clicked_in: object
) -> UUID:
    payload = {"proposal_id": proposal.id, "clicked_in": clicked_in}
    async with database("web").transaction(scope, Step.look) as tx:
        new = Delivery("slack", "1", "decision", payload)
        receipt = await inbox.receive(tx, new)
    assert receipt is not None
    return receipt


async def test_an_answer_is_for_one_person(
    database: Databases, scope: Scope, proposal: Proposal
) -> None:
    """An answer names its click and its reader, and goes out first."""
    async with database("gateway").transaction(scope, Step.decide) as tx:
        await answers.post_answer(
            tx, proposal.task_id, inbox_id=UUID(int=3), user="U1", text="Twice."
        )
        (post,) = await outbox.list_waiting(tx, proposal.task_id)

    assert (
        f"answer:{UUID(int=3)}",
        Lane.decision,
        {"user": "U1", "text": "Twice."},
    ) == (
        post.slot,
        post.lane,
        post.payload,
    )


@pytest.mark.parametrize("kind", ["home", "answer"])
async def test_it_knows_where_and_on_what_it_was_clicked(
    database: Databases, scope: Scope, proposal: Proposal, kind: str
) -> None:
    """What was clicked in Home is for the web process, the rest for the courier."""
    receipt = await click(database, scope, proposal, {"kind": kind, "channel": "C2"})
    async with database("gateway").transaction(scope, Step.decide) as tx:
        await answers.post_answer(
            tx, proposal.task_id, inbox_id=receipt, user="U1", text="Done."
        )
        [row] = await tx.rows(TOLD)

    assert ("home" if kind == "home" else "slack") == row["destination"]
    assert ("Throttle", "C2") == (
        row["payload"]["about"],
        row["payload"]["clicked_in"]["channel"],
    )


async def test_its_address_is_handed_out_until_it_is_settled(
    database: Databases, scope: Scope, proposal: Proposal
) -> None:
    """A click that waits may be told so first; no settled click keeps it."""
    receipt = await click(database, scope, proposal, {"kind": "answer", "url": URL})
    async with database("gateway").transaction(scope, Step.decide) as tx:
        for text in ("kept", "done"):
            if text == "done":
                await inbox.settle(tx, receipt, state="done")
            await answers.post_answer(
                tx, proposal.task_id, inbox_id=receipt, user="U1", text=text
            )
        told = [row["payload"]["clicked_in"].get("url") for row in await tx.rows(TOLD)]
        left = (await inbox.get(tx, receipt)).payload["clicked_in"]

    assert [URL, URL] == told
    assert {"kind": "answer"} == left
