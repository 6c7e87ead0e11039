"""Endpoints that are kept: one look-up for many, forgotten in five seconds."""

from dataclasses import dataclass, field

import pytest

from bot.endpoints import KEPT_SECONDS, Endpoints
from policy.scope import Scope
from storage import endpoints
from storage.database import Database
from storage.endpoints import Credentials, NewEndpoint
from storage.steps import Step
from tests.conftest import Databases
from tests.database import RELEASE

SOURCE = "datadog"


@dataclass
class Kept:
    """The endpoints of a process, its clock, and how often it asked the database."""

    release: Database
    scope: Scope
    points: list[str] = field(default_factory=list)
    now: float = 0.0

    def make(self, databases: Databases, *, most: int = 9) -> Endpoints:
        web = databases.fresh("web", faults=self.points.append)
        return Endpoints(web, lambda: self.now, most)

    @property
    def asked(self) -> int:
        return self.points.count(f"after:{Step.look}")

    async def add(self, slug: str = "a") -> None:
        new = NewEndpoint(SOURCE, slug, Credentials(("old",)))
        async with self.release.transaction(self.scope, Step.set_up) as tx:
            await endpoints.add(tx, new)

    async def remove(self, slug: str = "a") -> None:
        async with self.release.dispatch(Step.set_up) as tx:
            await endpoints.remove(tx, await endpoints.get(tx, slug))


@pytest.fixture
async def kept(database: Databases, scope: Scope) -> Kept:
    made = Kept(database(RELEASE), scope)
    await made.add()
    return made


async def test_many_deliveries_cost_one_look_up(
    kept: Kept, database: Databases
) -> None:
    known = kept.make(database)
    found = [await known.find(SOURCE, "a") for _ in range(5)]

    assert 1 == kept.asked
    assert [True, False, False, False, False] == [one.is_fresh for one in found]
    assert {kept.scope} == {one.endpoint.scope for one in found if one.endpoint}


async def test_what_is_revoked_is_gone_in_time(kept: Kept, database: Databases) -> None:
    """Not a moment later than said."""
    known = kept.make(database)
    await known.find(SOURCE, "a")
    await kept.remove()
    kept.now = KEPT_SECONDS / 2 - 0.1
    before = await known.find(SOURCE, "a")
    kept.now = KEPT_SECONDS
    after = await known.find(SOURCE, "a")

    assert before.endpoint is not None
    assert after.endpoint is None
    assert not known.is_known(SOURCE, "a")


async def test_one_reads_anew_for_all(kept: Kept, database: Databases) -> None:
    """Half-way; so that at no instant all wait for the database together."""
    known = kept.make(database)
    await known.find(SOURCE, "a")
    kept.now = KEPT_SECONDS / 2
    await known.find(SOURCE, "a")
    kept.now = KEPT_SECONDS
    await known.find(SOURCE, "a")
    kept.now += KEPT_SECONDS / 4

    assert not (await known.find(SOURCE, "a")).is_fresh
    assert 3 == kept.asked


async def test_who_is_unknown_fills_nothing(kept: Kept, database: Databases) -> None:
    """Each such question is asked again, and leaves nothing behind."""
    known = kept.make(database)
    found = [await known.find(SOURCE, f"stranger-{number}") for number in range(3)]
    found.append(await known.find("grafana", "a"))

    assert [None] * 4 == [one.endpoint for one in found]
    assert not any(known.is_known(SOURCE, f"stranger-{number}") for number in range(3))
    assert 4 == kept.asked


async def test_the_longest_kept_makes_room(kept: Kept, database: Databases) -> None:
    known = kept.make(database, most=2)
    for slug in ("b", "c"):
        await kept.add(slug)
    for slug in ("a", "b", "c"):
        await known.find(SOURCE, slug)

    assert [False, True, True] == [known.is_known(SOURCE, one) for one in "abc"]
