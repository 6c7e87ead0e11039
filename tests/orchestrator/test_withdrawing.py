"""A grant taken back: row, ledger, card and root in one transaction."""

from datetime import timedelta
from uuid import uuid4

import pytest

from orchestrator.withdrawing import withdraw
from policy.scope import Scope
from storage import overrides
from storage.errors import NotFound
from storage.overrides import NewOverride
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.world import Rows


async def test_it_is_taken_back_once(database: Databases, scope: Scope) -> None:
    """Whoever takes it back again is told; nobody finds it elsewhere."""
    rows = Rows(database, scope)
    task = await rows.queued()
    proposal = await rows.propose(task)
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await overrides.create(
            tx,
            NewOverride(
                task_id=task.id,
                proposal_id=proposal,
                tool="throttle_endpoint",
                kind="reliability",
                service="feed",
                person="operator",
                most=3,
                most_risk=4,
                lasts=timedelta(minutes=30),
            ),
        )
    web = database("web")
    said = [await withdraw(web, scope, made.id, by=who) for who in ("ann", "bob")]
    [told] = await rows.events(task.id, "task.autonomy_withdrawn")
    posts = await rows.rows("SELECT slot, payload FROM outbox ORDER BY created_at, id")
    facts = {row["slot"]: row["payload"] for row in posts}

    assert "0 of 3 had begun" in said[0]
    assert "had ended before" in said[1]
    assert (str(made.id), 0, 3) == (told["grant"], told["used"], told["left"])
    assert "ann" == facts[f"proposal:{proposal}"]["grant"]["withdrawn_by"]
    assert "ann withdrew grant" in facts["root"]["next_step"]


async def test_an_unknown_one_is_not_found(database: Databases, scope: Scope) -> None:
    with pytest.raises(NotFound):
        await withdraw(database("web"), scope, uuid4(), by="ann")
