"""Grants as rows: found while they hold, counted once each, withdrawn once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from policy.scope import Scope
from storage import overrides
from storage.database import Tx
from storage.errors import NotFound
from storage.overrides import Call, NewOverride, Override
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_proposal, add_task

CALL = Call("throttle_endpoint", "reliability", "feed", 4)


async def given(tx: Tx, *, most: int = 2) -> Override:
    task = await add_task(tx)
    proposal = await add_proposal(tx, task)
    return await overrides.create(
        tx,
        NewOverride(
            task_id=task.id,
            proposal_id=proposal.id,
            person="ann",
            most=most,
            lasts=timedelta(minutes=30),
            tool=CALL.tool,
            kind=CALL.kind,
            service=CALL.service,
            most_risk=CALL.risk,
        ),
    )


async def found(tx: Tx, user: str = "p", **changes: Any) -> Override | None:
    return await overrides.find(tx, replace(CALL, **changes), user=user, lock=True)


async def test_it_is_found_for_its_own_calls_alone(
    database: Databases, scope: Scope
) -> None:
    """Tool, kind and service must be the same."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await given(tx)
        others = [
            await found(tx, **{name: "another"}) for name in ("tool", "kind", "service")
        ]

        assert made == await found(tx)
        assert [None] * 3 == others


@pytest.mark.parametrize(("risk", "holds"), [(1, True), (4, True), (5, False)])
async def test_it_covers_nothing_riskier(
    database: Databases, scope: Scope, risk: int, *, holds: bool
) -> None:
    """Than what was approved with it: another size of the same is another thing."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        await given(tx)
        assert holds is (await found(tx, risk=risk) is not None)


async def test_each_proposal_counts_once(database: Databases, scope: Scope) -> None:
    """One that is counted still finds it; a third finds nothing left."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await given(tx)
        for user in ("a", "a", "b", "c"):
            now = await overrides.use(tx, made.id, user)

        assert (("a", "b"), 0) == (now.used_by, now.left)
        assert now == await found(tx, "a")
        assert await found(tx, "c") is None
        assert [] == await overrides.list_live(tx)


async def test_its_time_ends_it(database: Databases, scope: Scope) -> None:
    """To the instant."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await given(tx)
    database.clock.move(seconds=1801)
    async with database("gateway").transaction(scope, Step.look) as tx:
        assert await found(tx) is None
        assert [] == await overrides.list_live(tx)
        assert not await overrides.withdraw(tx, made.id, by="bob")


async def test_a_withdrawal_ends_it_once(database: Databases, scope: Scope) -> None:
    """The web process does it; the second changes nothing."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await given(tx)
    async with database("web").transaction(scope, Step.freeze) as tx:
        first = await overrides.withdraw(tx, made.id, by="bob")
        second = await overrides.withdraw(tx, made.id, by="eve")
        now = await overrides.get(tx, made.id)
    async with database("gateway").transaction(scope, Step.look) as tx:
        assert await found(tx) is None
    assert (True, False, "bob") == (first, second, now.withdrawn_by)


async def test_a_card_finds_its_own_and_the_one_it_ran_under(
    database: Databases, scope: Scope
) -> None:
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await given(tx)
        own = await overrides.find_of_card(tx, made.proposal_id, "prod-asks")
        user = await overrides.find_of_card(tx, uuid4(), f"grant:{made.id}")
        other = await overrides.find_of_card(tx, uuid4(), "prod-asks")

    assert (made, made, None) == (own, user, other)


async def test_another_tenant_finds_nothing(
    database: Databases, scope: Scope, scopes: Scopes
) -> None:
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        made = await given(tx)
    elsewhere = await scopes("globex", "prod")
    async with database("gateway").transaction(elsewhere, Step.look) as tx:
        assert await found(tx) is None
        with pytest.raises(NotFound):
            await overrides.get(tx, made.id)
