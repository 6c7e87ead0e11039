"""
Fixtures for every folder: a real Postgres, a real Valkey, a clock that the test moves.

Take the least that a test needs. ``database("worker")`` is enough for most:

    async def test_…(database: Databases, scope: Scope) -> None:
        async with database("worker").transaction(scope, Step.look) as tx:
            …

Costs: the cluster about 2 s once in a process, a database about 3 ms a test, an
engine's first connection about 10 ms, Valkey about 0.1 s once.
"""

import gc
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import cache

import httpx
import psycopg
import pytest
from fastapi.dependencies import models
from redis import Redis

from lab.embedded.valkey import EmbeddedValkey
from policy.scope import Scope
from storage import setup
from storage.database import Database, connect, no_faults
from storage.steps import Step
from tests.database import (
    ADMIN,
    RELEASE,
    Clock,
    Cluster,
    Urls,
    clock_at,
    fast_folder,
    running_cluster,
)
from tests.faults import Faults
from tests.schemas import checked
from tests.statements import compiled_once


@dataclass
class Databases:
    """
    Open the test's database as a role: ``database("worker")``.

    Roles: web, gateway, worker, courier, sealer, release. One ``Database`` a role,
    closed at the end of the test. ``fresh`` opens another one of the same role: a
    second process.
    """

    urls: Urls
    clock: Clock
    faults: Faults = no_faults
    pool_seconds: float = 10
    _by_role: dict[str, Database] = field(default_factory=dict)
    _fresh: list[Database] = field(default_factory=list)

    def __call__(self, role: str) -> Database:
        if role not in self._by_role:
            self._by_role[role] = self.fresh(role)
        return self._by_role[role]

    def fresh(self, role: str, *, faults: Faults | None = None) -> Database:
        opened = connect(
            self.urls[role],
            self.clock,
            pool_size=8,
            pool_seconds=self.pool_seconds,
            faults=faults or self.faults,
        )
        self._fresh.append(opened)
        return opened

    async def close(self) -> None:
        for one in self._fresh:
            await one.close()


@dataclass
class Scopes:
    """Set a scope up, thawed unless told: ``await scopes("globex", "prod")``."""

    release: Database

    async def __call__(
        self, tenant_id: str, environment: str, *, frozen: bool = False
    ) -> Scope:
        scope = Scope(tenant_id, environment)
        async with self.release.dispatch(Step.set_up) as tx:
            await setup.add_scope(tx, scope, name=tenant_id, frozen=frozen)
        return scope


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Have nobody look for garbage among thousands of tests, which all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def authorities_are_read_once() -> Iterator[None]:
    """Share what httpx reads for each client anew: 20 ms, for plain HTTP too."""
    with pytest.MonkeyPatch.context() as patch:
        read_once = cache(httpx.create_ssl_context)
        patch.setattr("httpx._transports.default.create_ssl_context", read_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def statements_are_compiled_once() -> Iterator[None]:
    """Share them among the engines, of which each test has some."""
    with compiled_once():
        yield


@pytest.fixture(autouse=True, scope="module")
def apps_are_let_go() -> Iterator[None]:
    """FastAPI remembers each function it has met, and so a thousand apps."""
    yield
    for remembered in vars(models).values():
        if hasattr(remembered, "cache_clear"):
            remembered.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def each_event_keeps_its_schema() -> Iterator[None]:
    """Fail whatever writes an entry of a task that its readers do not expect."""
    with checked():
        yield


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Serve one Postgres for this process, with a migrated template."""
    with (
        fast_folder(tmp_path_factory.mktemp("postgres")) as folder,
        running_cluster(folder) as made,
    ):
        yield made


@pytest.fixture
def urls(cluster: Cluster) -> Iterator[Urls]:
    """Give a migrated, empty database of the test's own: one URL for each role."""
    with cluster.lent() as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    """
    Give the clock that ``database`` injects: it stands still at about the real time.

    Leases use the database's own clock, which runs; ``clock.move(seconds=…)`` moves
    ``tx.now`` and nothing else.
    """
    return clock_at(time.time())


@pytest.fixture
async def database(urls: Urls, clock: Clock) -> AsyncIterator[Databases]:
    """Open the test's database as any role; see ``Databases``."""
    databases = Databases(urls, clock)
    yield databases
    await databases.close()


@pytest.fixture
def scopes(database: Databases) -> Scopes:
    """Set up more scopes than ``scope``; see ``Scopes``."""
    return Scopes(database(RELEASE))


@pytest.fixture
async def scope(scopes: Scopes) -> Scope:
    """Give one thawed scope, acme in staging, set up by the release role."""
    return await scopes("acme", "staging")


@pytest.fixture
def admin(urls: Urls) -> Iterator[psycopg.Connection]:
    """Connect as a superuser, whom no wall holds; autocommits."""
    with psycopg.connect(urls[ADMIN], autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """Serve one Valkey for this process; take ``redis_url`` instead."""
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(valkey: EmbeddedValkey) -> str:
    """Give the URL of an empty Valkey."""
    with Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url
