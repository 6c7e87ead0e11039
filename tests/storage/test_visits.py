"""Visits of endpoints: the last of each kind stays, and goes with its endpoint."""

from datetime import timedelta
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import endpoints, visits
from storage.database import Database
from storage.endpoints import Credentials, NewEndpoint
from storage.steps import Step
from storage.visits import Visit
from tests.conftest import Databases, Scopes
from tests.database import RELEASE

SLUG = "acme-sentry"


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


@pytest.fixture
async def endpoint(database: Databases, scope: Scope) -> UUID:
    new = NewEndpoint("sentry", SLUG, Credentials(("digest",)))
    async with database(RELEASE).transaction(scope, Step.set_up) as tx:
        await endpoints.add(tx, new)
        return (await endpoints.get(tx, SLUG)).id


async def test_the_last_of_each_kind_stays(
    web: Database, scope: Scope, endpoint: UUID
) -> None:
    """Whichever process writes last: two of them note the same endpoint."""
    async with web.transaction(scope, Step.note_visit) as tx:
        earlier = tx.now - timedelta(seconds=9)
        for visit in (
            Visit(taken_at=tx.now),
            Visit(refused_at=tx.now, refused_status=401),
            Visit(taken_at=earlier),
            Visit(refused_at=earlier, refused_status=422),
        ):
            await visits.keep(tx, endpoint, visit)
        found = await visits.list_seen(tx)

    assert {endpoint: Visit(tx.now, tx.now, 401)} == found


async def test_what_was_removed_is_noted_no_more(
    database: Databases, web: Database, scope: Scope, endpoint: UUID
) -> None:
    """Its notes go with it, and a late one makes none."""
    async with web.transaction(scope, Step.note_visit) as tx:
        await visits.keep(tx, endpoint, Visit(taken_at=tx.now))
    async with database(RELEASE).dispatch(Step.set_up) as tx:
        await endpoints.remove(tx, await endpoints.get(tx, SLUG))
    async with web.transaction(scope, Step.note_visit) as tx:
        gone = await visits.list_seen(tx)
        await visits.keep(tx, endpoint, Visit(taken_at=tx.now))
        after = await visits.list_seen(tx)

    assert ({}, {}) == (gone, after)


async def test_another_scope_sees_and_notes_nothing(
    web: Database, scopes: Scopes, endpoint: UUID
) -> None:
    """Not even by the endpoint's id."""
    other = await scopes("globex", "prod")
    async with web.transaction(other, Step.note_visit) as tx:
        await visits.keep(tx, endpoint, Visit(taken_at=tx.now))
        found = await visits.list_seen(tx)

    assert {} == found
