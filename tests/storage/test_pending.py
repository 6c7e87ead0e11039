"""Cards that wait: whose they are, in which order, of what kind and owner."""

import pytest

from policy.alert import Severity
from policy.person import Person
from policy.scope import Scope
from policy.task import TaskKind
from storage import tasks
from storage.open_tasks import Wanted
from storage.pending import count_pending, list_pending
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

ME = Person("operator", "Operator", "U0OPERATOR", frozenset({"oncall"}))
TASKS = (
    ("one", {"kind": TaskKind.safety}, ("legal",)),
    ("two", {"severity": Severity.warning}, ("oncall",)),
    ("three", {"severity": Severity.critical}, ("oncall",)),
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["three", "two", "one"]),
        (Wanted(decider=ME), ["three", "two"]),
        (Wanted(owner="operator"), ["one"]),
        (Wanted(kind="safety"), ["one"]),
        (Wanted(kind="data"), []),
    ],
)
async def test_what_waits_is_listed_and_counted_alike(
    database: Databases, scope: Scope, wanted: Wanted, names: list[str]
) -> None:
    """Mine first, then by severity; a filter of tasks is one of their cards."""
    for name, changes, roles in TASKS:
        async with database("worker").transaction(scope, Step.set_up) as tx:
            task = await add_task(tx, title=name, group_key=name, **changes)
            if name == "one":
                await tasks.change(tx, task.id, {"takeover_by": "operator"})
        async with database("gateway").transaction(scope, Step.set_up) as tx:
            await add_proposal(tx, task, roles=roles, key=name)
    async with database("web").transaction(scope, Step.look) as tx:
        found = await list_pending(tx, ME, wanted, most=9)
        count = await count_pending(tx, ME, wanted)

    mine = [one.mine for one in found]
    assert names == [one.proposal.key for one in found]
    assert (len(names), sum(mine)) == count
