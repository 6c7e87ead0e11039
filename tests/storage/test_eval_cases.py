"""Eval cases as rows: one a proposal, read a page at a time, counted by kind."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from policy.eval_case import EvalCaseKind
from policy.scope import Scope
from storage import eval_cases
from storage.database import Tx
from storage.eval_cases import Edited, NewEvalCase
from storage.redacted import RedactedText
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

REJECTED = NewEvalCase(
    inbox_id=uuid4(),
    kind=EvalCaseKind.rejected,
    reason_code="too_risky",
    comment=RedactedText("not at noon"),
    new_plan=True,
)
EDITED = replace(
    REJECTED,
    kind=EvalCaseKind.edited,
    new_plan=False,
    edited=Edited({"limit_rps": 400}, {"limit_rps": {"before": 600, "after": 400}}),
)


async def kept(tx: Tx, new: NewEvalCase, *, by: str = "agent triage 2") -> object:
    proposal = await add_proposal(tx, await add_task(tx), proposed_by=by)
    return await eval_cases.append(tx, proposal, new)


async def test_cases_are_read_in_their_order(database: Databases, scope: Scope) -> None:
    """Page by page, each with all that it was kept with."""
    ids = []
    for one in (REJECTED, EDITED, REJECTED):
        database.clock.move(seconds=1)
        async with database("gateway").transaction(scope, Step.set_up) as tx:
            ids.append(await kept(tx, one))
    async with database("web").transaction(scope, Step.look) as tx:
        page = await eval_cases.list_page(tx, agent=None, after=None, most=2)
        rest = await eval_cases.list_page(tx, agent=None, after=page[-1].id, most=2)

    assert ids == [one.id for one in (*page, *rest)]
    assert (None, None, True) == (
        page[0].edited_params,
        page[0].diff,
        page[0].new_plan,
    )
    assert EDITED.edited == Edited(page[1].edited_params or {}, page[1].diff or {})
    assert ("triage", 2, EvalCaseKind.edited, "not at noon") == (
        page[1].agent,
        page[1].agent_version,
        page[1].kind,
        page[1].comment,
    )


async def test_one_agents_cases_are_read(database: Databases, scope: Scope) -> None:
    """What a person had proposed is nobody's."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        mine = await kept(tx, REJECTED)
        await kept(tx, REJECTED, by="agent other 2")
        await kept(tx, REJECTED, by="operator")
        found = await eval_cases.list_page(tx, agent="triage", after=None, most=9)

    assert [mine] == [one.id for one in found]


async def test_a_proposal_has_one_case(database: Databases, scope: Scope) -> None:
    """The database holds it, whatever a gateway thinks."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        proposal = await add_proposal(tx, await add_task(tx))
        await eval_cases.append(tx, proposal, REJECTED)
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        with pytest.raises(IntegrityError, match="uq_eval_cases"):
            await eval_cases.append(tx, proposal, EDITED)


async def test_cases_are_counted_by_kind(database: Databases, scope: Scope) -> None:
    """A kind without any counts none."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        none = await eval_cases.count(tx)
        for one in (REJECTED, REJECTED, EDITED):
            await kept(tx, one)
        some = await eval_cases.count(tx)

    assert {EvalCaseKind.edited: 0, EvalCaseKind.rejected: 0} == none
    assert {EvalCaseKind.edited: 1, EvalCaseKind.rejected: 2} == some
