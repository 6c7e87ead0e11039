"""Who has opened a card's evidence."""

from policy.scope import Scope
from storage import evidence_views
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task


async def test_it_is_kept_once_for_each_person(
    database: Databases, scope: Scope
) -> None:
    """The gateway sees it; nobody else has opened it by that."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        proposal = await add_proposal(tx, await add_task(tx))
    async with database("web").transaction(scope, Step.store_click) as tx:
        kept = [await evidence_views.keep(tx, proposal.id, "ann") for _ in range(2)]
    async with database("gateway").transaction(scope, Step.look) as tx:
        held = [
            await evidence_views.holds(tx, proposal.id, who) for who in ("ann", "bob")
        ]

    assert [True, False] == kept
    assert [True, False] == held
