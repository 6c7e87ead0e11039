"""Where alerts are taken in: by route, by what fires already, or by endpoint."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from orchestrator import intake
from orchestrator.intake import NewDelivery
from orchestrator.matching import Match
from orchestrator.routing import Routes
from policy.alert import AlertStatus, Severity
from policy.scope import Scope
from tests.conftest import Databases, Scopes
from tests.orchestrator.inflow import Inflow, alert, reception
from tests.orchestrator.world import Rows

CRITICAL = Match(None, None, (Severity.critical,), {})


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@pytest.fixture
async def dev(rows: Rows, scopes: Scopes) -> Rows:
    """Give the tenant's second environment."""
    scope = await scopes(rows.scope.tenant_id, "dev")
    return Rows(rows.database, scope)


@pytest.fixture
def inflow(inflow: Inflow, routes: Routes) -> Inflow:
    """Have what is critical go to dev, the rest to its endpoint's environment."""
    moved = replace(routes.routes[-1], id="severe", environment="dev", match=CRITICAL)
    both = replace(routes, routes=(moved, *routes.routes))
    return replace(inflow, routes=both)


async def titles(rows: Rows) -> list[tuple[str, str]]:
    found = await rows.rows("SELECT fingerprint, status FROM alerts ORDER BY 1")
    return [(row["fingerprint"], row["status"]) for row in found]


async def test_an_end_goes_where_its_alert_fires(
    inflow: Inflow, rows: Rows, dev: Rows
) -> None:
    """Its severity has changed, and with it the route: the task closes all the same."""
    await inflow.take(inflow.alert(severity=Severity.critical))
    await inflow.take(inflow.resolved(severity=Severity.error))
    [task] = await dev.rows("SELECT quiet_at FROM tasks")

    assert [("f1", "resolved")] == await titles(dev)
    assert [] == await titles(rows)
    assert task["quiet_at"] is not None


async def test_what_grows_severe_stays_in_its_task(
    inflow: Inflow, rows: Rows, dev: Rows
) -> None:
    """One thread, though a route of its own would take what is critical elsewhere."""
    await inflow.take(inflow.alert(severity=Severity.error))
    grown = await inflow.take(inflow.alert(severity=Severity.critical))

    assert (0, 1) == (grown.opened, grown.added)
    assert [] == await titles(dev)
    assert 1 == len(await rows.rows("SELECT id FROM tasks"))


async def test_what_no_task_holds_goes_by_its_route(
    inflow: Inflow, rows: Rows, dev: Rows
) -> None:
    """An alert that fires on after its task was closed is the route's again."""
    await inflow.take(inflow.alert(severity=Severity.error))
    await rows.change("UPDATE tasks SET state = 'completed', closed_at = now()")
    await inflow.take(inflow.alert(severity=Severity.critical))

    assert 1 == len(await dev.rows("SELECT id FROM tasks"))


async def test_no_other_tenant_is_looked_at(
    inflow: Inflow, dev: Rows, scopes: Scopes
) -> None:
    """The same fingerprint fires in dev for one tenant; another's end is its own."""
    other = await scopes("other", "staging")
    await scopes("other", "dev")
    await inflow.take(inflow.alert(severity=Severity.critical))
    ended = inflow.resolved(severity=Severity.error)
    await intake.receive(
        inflow.web, [NewDelivery(other, [ended])], reception(inflow.routes)
    )

    assert [("f1", "firing")] == await titles(dev)
    assert [("f1", "resolved")] == await titles(Rows(dev.database, other))


async def test_an_environment_that_nobody_added_loses_no_alert(
    rows: Rows, inflow: Inflow, routes: Routes
) -> None:
    """It is taken in at its endpoint's, which says why, and the log is loud."""
    lost = replace(routes.routes[-1], id="typo", environment="prd")
    both = replace(routes, routes=(lost,))
    found = [alert(rows), alert(rows, "f2")]
    with capture_logs() as logs:
        [received] = await intake.receive(
            inflow.web, [NewDelivery(rows.scope, found)], reception(both)
        )
    kept = await rows.rows("SELECT annotations FROM alerts")
    [told] = [one for one in logs if one["event"] == "route.nowhere"]

    assert (2, ()) == (received.opened, received.broken)
    assert all(
        "route typo names environment prd, which acme does not have"
        in one["annotations"]["misrouted"]
        for one in kept
    )
    assert (2, "error") == (told["alerts"], told["log_level"])


async def test_an_end_is_looked_for_where_no_task_is_left(
    inflow: Inflow, rows: Rows, dev: Rows
) -> None:
    """Its row fires there still: no later firing is held up by it."""
    await inflow.take(inflow.alert(severity=Severity.critical))
    await dev.change("UPDATE tasks SET state = 'completed', closed_at = now()")
    await inflow.take(inflow.resolved(severity=Severity.error))
    assert [("f1", AlertStatus.resolved.value)] == await titles(dev)
    assert [] == await titles(rows)


async def test_an_end_of_the_same_delivery_finds_its_firing(
    inflow: Inflow, rows: Rows, dev: Rows
) -> None:
    """Committed together, as under load: the task closes, and nothing is left over."""
    fired = inflow.alert(severity=Severity.critical)
    ended = inflow.resolved(severity=Severity.error)
    await intake.receive(
        inflow.web,
        [NewDelivery(rows.scope, [fired]), NewDelivery(rows.scope, [ended])],
        reception(inflow.routes),
    )

    assert ([("f1", "resolved")], []) == (await titles(dev), await titles(rows))


async def test_one_delivery_opens_one_task_of_an_alert(
    inflow: Inflow, rows: Rows, dev: Rows
) -> None:
    """Twice in it, and critical the second time: one thread."""
    await inflow.take(inflow.alert(), inflow.alert(severity=Severity.critical))

    assert 1 == len(await rows.rows("SELECT id FROM tasks"))
    assert [] == await dev.rows("SELECT id FROM tasks")


async def test_what_fired_before_the_routes_changed_ends_all_the_same(
    inflow: Inflow, rows: Rows, dev: Rows, routes: Routes
) -> None:
    """Nobody's route leads there any more, and the task closes."""
    await inflow.take(inflow.alert(severity=Severity.critical))
    anew = replace(inflow, routes=routes)
    await anew.take(anew.resolved(severity=Severity.critical))

    assert ([("f1", "resolved")], []) == (await titles(dev), await titles(rows))


async def test_what_two_environments_send_stays_apart(
    inflow: Inflow, rows: Rows, dev: Rows, routes: Routes
) -> None:
    """Each has an Alertmanager; the same labels in both are two alerts."""
    plain = replace(inflow, routes=routes)
    await plain.take(plain.alert())
    there = replace(plain, rows=dev)
    await there.take(there.alert())
    await there.take(there.resolved())

    assert [("f1", "firing")] == await titles(rows)
    assert [("f1", "resolved")] == await titles(dev)
