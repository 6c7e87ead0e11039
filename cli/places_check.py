"""``autopilot doctor`` looks at the places that routes name: do they exist."""

from collections.abc import Collection

from cli.clock import utc_now
from cli.finding import Finding
from cli.policy_check import load_texts
from gateway.settings import FileSettings
from orchestrator.routing import Routes
from orchestrator.settings import WorkerSettings
from policy.errors import PolicyError
from policy.scope import Scope
from runner.errors import PlaybookError
from storage import directory
from storage.database import connect
from storage.steps import Step

_CHECK = "places"


async def check_places() -> list[Finding]:
    """Hold the routes' environments and tenants against those that were added."""
    try:
        routes = load_texts(FileSettings()).routes
    except (PolicyError, PlaybookError):
        return [Finding(_CHECK, ok=None, text="not looked at: see policy above")]
    database = connect(WorkerSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.dispatch(Step.look) as tx:
            scopes = await directory.list_scopes(tx)
    finally:
        await database.close()
    return [judge(routes, scopes)]


def judge(routes: Routes, scopes: Collection[Scope]) -> Finding:
    """Name what leads nowhere: its alerts stay in their endpoint's environment."""
    nowhere = list(_nowhere(routes, scopes))
    if nowhere:
        return Finding(
            _CHECK,
            ok=False,
            text="; ".join(nowhere),
            mend="autopilot tenant add, or mend routes.yaml",
        )
    return Finding(_CHECK, ok=True, text="every route leads somewhere")


def _nowhere(routes: Routes, scopes: Collection[Scope]) -> list[str]:
    tenants = sorted({one.tenant_id for one in scopes})
    found: list[str] = []
    for route in routes.routes:
        named = route.match.tenant_id
        if named is not None and named not in tenants:
            found.append(f"route {route.id} is for tenant {named}, which nobody added")
        elif route.environment:
            lacking = [
                one
                for one in ([named] if named else tenants)
                if Scope(one, route.environment) not in scopes
            ]
            if lacking:
                where = f"{route.environment} of {', '.join(lacking)}"
                found.append(f"route {route.id} leads to {where}, which nobody added")
    return found
