"""Setting up: under the release role, whose own policy shows it every row."""

from hashlib import sha256

import psycopg
import pytest

from policy.scope import Scope
from storage import directory, endpoints, freezes, setup
from storage.database import Database
from storage.errors import NotFound, SlugTaken
from storage.freezes import Hold
from storage.setup import Endpoint
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE

ENDPOINT = Endpoint("alertmanager", "acme-staging", "secret")


@pytest.fixture
def release(database: Databases) -> Database:
    return database(RELEASE)


async def is_frozen(database: Databases, scope: Scope) -> bool:
    async with database("gateway").transaction(scope, Step.look) as tx:
        return (await freezes.read(tx, lock=True)).frozen


async def add_endpoint(release: Database, scope: Scope, endpoint: Endpoint) -> None:
    async with release.transaction(scope, Step.set_up) as tx:
        await setup.add_endpoint(tx, endpoint)


async def find(database: Databases, endpoint: Endpoint) -> Scope | None:
    """Give whose endpoint opens to this one's token."""
    async with database("web").dispatch(Step.look) as tx:
        found = await endpoints.find(tx, source=endpoint.source, slug=endpoint.slug)
    digest = endpoints.digest_of(endpoint.token)
    opens = found is not None and digest in found.credentials.token_digests
    return found.scope if found is not None and opens else None


async def test_a_freeze_is_the_scopes_own(
    release: Database, database: Databases, scopes: Scopes
) -> None:
    """Freezing one environment leaves every other one as it was."""
    staging, prod = await scopes("acme", "staging"), await scopes("acme", "prod")
    globex = await scopes("globex", "staging")
    async with release.transaction(staging, Step.set_up) as tx:
        await freezes.freeze(tx, Hold("a drill", "ann"))
    frozen = [await is_frozen(database, one) for one in (staging, prod, globex)]

    assert [True, False, False] == frozen


async def test_a_thaw_is_the_scopes_own(
    release: Database, database: Databases, scopes: Scopes
) -> None:
    """Thawing one environment thaws no other one."""
    staging = await scopes("acme", "staging", frozen=True)
    prod = await scopes("acme", "prod", frozen=True)
    async with release.transaction(staging, Step.set_up) as tx:
        await freezes.thaw(tx)

    assert (False, True) == (
        await is_frozen(database, staging),
        await is_frozen(database, prod),
    )


async def test_freezing_nothing_is_told(release: Database) -> None:
    """A mistyped environment is an error, not a freeze that holds nothing."""
    async with release.transaction(Scope("acme", "prdo"), Step.set_up) as tx:
        with pytest.raises(NotFound):
            await freezes.freeze(tx, Hold("a drill", "ann"))


async def test_adding_a_scope_again_changes_nothing(
    database: Databases, scopes: Scopes
) -> None:
    """A repeated set-up leaves the freeze as people left it."""
    scope = await scopes("acme", "staging", frozen=True)
    await scopes("acme", "staging", frozen=False)

    assert await is_frozen(database, scope)


async def test_a_token_is_kept_as_its_digest(
    release: Database, scope: Scope, admin: psycopg.Connection
) -> None:
    """The token itself is nowhere in the row."""
    await add_endpoint(release, scope, ENDPOINT)
    row = admin.execute("SELECT token_digests FROM webhook_endpoints").fetchone()

    assert ([sha256(b"secret").hexdigest()],) == row


async def test_an_endpoint_gets_a_new_token(
    release: Database, database: Databases, scope: Scope
) -> None:
    """Adding it again replaces source and token; the old token opens nothing."""
    renewed = Endpoint("datadog", ENDPOINT.slug, "newer")
    for endpoint in (ENDPOINT, renewed):
        await add_endpoint(release, scope, endpoint)

    assert (None, scope) == (
        await find(database, ENDPOINT),
        await find(database, renewed),
    )


async def test_anothers_slug_is_refused(
    release: Database, database: Databases, scope: Scope, scopes: Scopes
) -> None:
    """Nobody changes the token of another tenant's endpoint."""
    await add_endpoint(release, scope, ENDPOINT)
    globex = await scopes("globex", "prod")

    with pytest.raises(SlugTaken):
        await add_endpoint(
            release, globex, Endpoint("alertmanager", ENDPOINT.slug, "x")
        )
    assert scope == await find(database, ENDPOINT)


async def test_a_workspace_is_connected_once(
    release: Database, database: Databases, scope: Scope
) -> None:
    """Connecting a workspace again changes nothing."""
    for _ in range(2):
        async with release.transaction(scope, Step.set_up) as tx:
            await setup.add_team(tx, "T0ACME")
    async with database("web").dispatch(Step.look) as tx:
        assert [scope] == await directory.find_team(tx, "T0ACME")
