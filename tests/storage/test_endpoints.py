"""Webhook endpoints: found by source and slug, rotated by two, removed for good."""

from dataclasses import replace

import pytest

from policy.scope import Scope
from storage import endpoints
from storage.database import Database
from storage.endpoints import Credentials, KnownEndpoint, NewEndpoint, digest_of
from storage.errors import MidRotation, NotFound, SlugTaken
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE

OLD, NEW = Credentials(("old",)), Credentials(("new",))
ENDPOINT = NewEndpoint("sentry", "acme-sentry", OLD)


@pytest.fixture
def release(database: Databases) -> Database:
    return database(RELEASE)


async def add(release: Database, scope: Scope, new: NewEndpoint = ENDPOINT) -> None:
    async with release.transaction(scope, Step.set_up) as tx:
        await endpoints.add(tx, new)


async def find(
    database: Databases, source: str = "sentry", slug: str = "acme-sentry"
) -> KnownEndpoint | None:
    async with database("web").dispatch(Step.look) as tx:
        return await endpoints.find(tx, source=source, slug=slug)


async def rotate(release: Database, newer: Credentials) -> None:
    async with release.dispatch(Step.set_up) as tx:
        await endpoints.rotate(tx, await endpoints.get(tx, ENDPOINT.slug), newer)


def test_a_digest_is_the_tokens_sha_256() -> None:
    """FIPS 180-2's example; half of a character is no fault of ours."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    assert expected == digest_of("abc")
    assert digest_of("?") == digest_of("\ud800")


async def test_an_endpoint_is_found_by_source_and_slug(
    release: Database, database: Databases, scope: Scope
) -> None:
    """The web role finds whose it is and what proves a sender, and not by a half."""
    await add(release, scope)
    found = await find(database)
    strangers = [await find(database, "grafana"), await find(database, slug="x")]

    assert found is not None
    assert (scope, OLD, None) == (found.scope, found.credentials, found.rotated_at)
    assert [None, None] == strangers


async def test_a_slug_is_added_once(
    release: Database, scope: Scope, scopes: Scopes
) -> None:
    """Not even its own scope replaces a token by adding it again."""
    await add(release, scope)
    other = await scopes("globex", "prod")

    for one in (scope, other):
        with pytest.raises(SlugTaken, match="webhooks rotate acme-sentry"):
            await add(release, one)


async def test_to_put_replaces_ones_own_and_all_that_it_held(
    release: Database, database: Databases, scope: Scope, scopes: Scopes
) -> None:
    """A token that is printed then suffices; nobody else's is touched."""
    signed = Credentials(("old",), ("sealed",), ("arn",))
    await add(release, scope, replace(ENDPOINT, credentials=signed))
    async with release.transaction(scope, Step.set_up) as tx:
        await endpoints.put(tx, replace(ENDPOINT, credentials=NEW))
    async with release.transaction(await scopes("globex", "prod"), Step.set_up) as tx:
        with pytest.raises(SlugTaken):
            await endpoints.put(tx, ENDPOINT)
    found = await find(database)

    assert found is not None
    assert NEW == found.credentials


async def test_two_stand_while_one_replaces_the_other(
    release: Database, database: Databases, scope: Scope
) -> None:
    """The time is kept, a third is refused, and finishing keeps the newer."""
    await add(release, scope)
    await rotate(release, NEW)
    during = await find(database)
    with pytest.raises(MidRotation, match="acme-sentry --finish"):
        await rotate(release, NEW)
    async with release.dispatch(Step.set_up) as tx:
        await endpoints.finish(tx, await endpoints.get(tx, ENDPOINT.slug))
    after = await find(database)

    assert during is not None
    assert after is not None
    assert (("old", "new"), True) == (
        during.credentials.token_digests,
        during.rotated_at is not None,
    )
    assert (NEW, None) == (after.credentials, after.rotated_at)


async def test_topics_are_added_and_stay(
    release: Database, database: Databases, scope: Scope
) -> None:
    """A topic is no secret: several stand for ever, each once."""
    await add(release, scope, replace(ENDPOINT, credentials=Credentials(topics=("a",))))
    for _ in range(2):
        await rotate(release, Credentials(topics=("b",)))
    found = await find(database)

    assert found is not None
    assert (("a", "b"), None) == (found.credentials.topics, found.rotated_at)


async def test_what_is_removed_is_gone(
    release: Database, database: Databases, scope: Scope
) -> None:
    """And cannot be removed twice without being told."""
    await add(release, scope)
    async with release.dispatch(Step.set_up) as tx:
        await endpoints.remove(tx, await endpoints.get(tx, ENDPOINT.slug))

    assert None is await find(database)
    async with release.dispatch(Step.set_up) as tx:
        with pytest.raises(NotFound, match="no such endpoint"):
            await endpoints.get(tx, ENDPOINT.slug)


async def test_a_list_is_of_those_who_may_see(
    release: Database, database: Databases, scope: Scope, scopes: Scopes
) -> None:
    """The release role's is everyone's, or a tenant's; a scope's is its own."""
    await add(release, await scopes("globex", "prod"), replace(ENDPOINT, slug="g"))
    await add(release, scope)
    async with release.dispatch(Step.look) as tx:
        everyone = await endpoints.list_seen(tx)
        one_tenants = await endpoints.list_seen(tx, tenant_id="globex")
    async with database("web").transaction(scope, Step.look) as tx:
        own = await endpoints.list_seen(tx)

    slugs = [[one.slug for one in found] for found in (everyone, one_tenants, own)]
    assert [["acme-sentry", "g"], ["g"], ["acme-sentry"]] == slugs
