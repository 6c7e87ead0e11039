"""Long deliveries: cut, in one order, and no pause of the process that takes them."""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from gateway.redaction.pseudonym import Pseudonyms
from gateway.redaction.span import Kind, Span
from orchestrator import intake
from orchestrator.intake import BrokenAlert, NewDelivery, Reception
from orchestrator.routing import Routes
from policy.scope import Scope
from storage.database import Database
from tests.conftest import Databases
from tests.orchestrator.inflow import alert, reception
from tests.orchestrator.test_intake import counts
from tests.orchestrator.world import Rows


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


async def test_broken_alerts_in_other_orders_do_not_block_each_other(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """Two deliveries of the same three hundred, crossed; each is kept once."""
    broken = [BrokenAlert(n, "no labels", f"excerpt {n}") for n in range(300)]
    await asyncio.gather(
        *(
            intake.receive(web, [NewDelivery(rows.scope, (), one)], reception(routes))
            for one in (broken, broken[::-1])
        )
    )
    [kept] = await rows.rows("SELECT count(*) AS n FROM inbox WHERE state = 'failed'")

    assert 300 == kept["n"]


async def test_a_long_delivery_is_cut(
    rows: Rows, routes: Routes, database: Databases
) -> None:
    """No transaction holds its locks for long; each alert is answered, in order."""
    points: list[str] = []
    web = database.fresh("web", faults=points.append)
    found = [alert(rows, f"f{n}") for n in range(intake.MOST_AT_ONCE + 1)]
    broken = [BrokenAlert(0, "no labels", "{}")]
    [received] = await intake.receive(
        web, [NewDelivery(rows.scope, found, broken)], reception(routes)
    )
    kept = await rows.rows("SELECT id FROM inbox WHERE state = 'failed'")

    assert (1, intake.MOST_AT_ONCE, 0, 0) == counts(received)
    assert 2 == points.count("before:receive_alerts")
    assert 1 == len(kept)


async def test_what_hides_people_lets_others_go_on(
    rows: Rows, routes: Routes, database: Databases
) -> None:
    """One tenant's long delivery is no pause of the process."""
    turns: list[int] = []
    before: list[int] = []
    web = database.fresh("web", faults=lambda _: before.append(len(turns)))

    async def go_on() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    found = [alert(rows, f"f{n}") for n in range(200)]
    async with asyncio.TaskGroup() as group:
        other = group.create_task(go_on())
        delivery = NewDelivery(rows.scope, found)
        await intake.receive(web, [delivery], reception(routes))
        other.cancel()

    assert before[0] >= 1


@dataclass(slots=True)
class _Watched(Pseudonyms):
    """Say of each value that is hidden how long it is, and in which thread."""

    hidden: list[tuple[int, int]] = field(default_factory=list)

    def replace(self, kind: Kind, value: str) -> str:
        self.hidden.append((threading.get_ident(), len(value)))
        return Pseudonyms.replace(self, kind, value)

    def replace_all(self, text: str, found: Iterable[Span]) -> str:
        self.hidden.append((threading.get_ident(), len(text)))
        return Pseudonyms.replace_all(self, text, found)


@dataclass(frozen=True, slots=True)
class _Watching(Reception):
    """Make those, and keep them."""

    made: list[_Watched] = field(default_factory=list)

    def pseudonyms(self, tenant_id: str) -> Pseudonyms:
        found = Reception.pseudonyms(self, tenant_id)
        self.made.append(_Watched(key=found.key, policy=found.policy))
        return self.made[-1]

    def count(self) -> tuple[int, int]:
        """Give the characters that were hidden in the loop's thread, and in others."""
        mine = threading.get_ident()
        every = [one for made in self.made for one in made.hidden]
        here = sum(length for thread, length in every if thread == mine)
        return here, sum(length for _, length in every) - here


def _watching(routes: Routes) -> _Watching:
    known = reception(routes)
    return _Watching(known.live_routes, known.pseudonym_key, known.redaction)


PHONES = ("+49 30 1234567, " * 125)[:1990]


@pytest.mark.parametrize("is_broken", [False, True])
async def test_what_takes_long_to_hide_is_hidden_beside_the_loop(
    web: Database, rows: Rows, routes: Routes, *, is_broken: bool
) -> None:
    """All of one alert with many labels, and of many that can't be read."""
    watching = _watching(routes)
    many = {f"l{n}": PHONES for n in range(40)}
    delivery = (
        NewDelivery(
            rows.scope, (), [BrokenAlert(n, "x", f"{n} {PHONES}") for n in range(40)]
        )
        if is_broken
        else NewDelivery(rows.scope, [alert(rows, "f", labels=many)])
    )
    await intake.receive(web, [delivery], watching)
    here, beside = watching.count()

    assert (0, True) == (here, beside >= 40 * 1990)


async def test_what_is_short_is_hidden_at_once(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """A thread costs more than that; one piece is no longer than a turn."""
    watching = _watching(routes)
    short = [alert(rows, "f", labels={"note": PHONES[:200]})]
    await intake.receive(web, [NewDelivery(rows.scope, short)], watching)
    here, beside = watching.count()

    assert 0 == beside
    assert 200 <= here <= intake.MOST_IN_A_TURN


async def test_what_is_kept_is_hidden_before_its_transaction(
    rows: Rows, routes: Routes, database: Databases
) -> None:
    """Nothing waits for its locks, and Postgres ends no transaction that idles."""
    watching = _watching(routes)
    at: list[tuple[str, int]] = []
    web = database.fresh(
        "web", faults=lambda point: at.append((point, len(watching.made[-1].hidden)))
    )
    broken = [BrokenAlert(0, "x", PHONES)]
    await intake.receive(web, [NewDelivery(rows.scope, (), broken)], watching)
    await intake.refuse_delivery(
        web, rows.scope, watching, source="generic", reason="x", excerpt=PHONES
    )

    hidden = dict(at)
    for step in ("receive_alerts", "refuse_delivery"):
        assert 0 < hidden[f"before:{step}"] == hidden[f"after:{step}"]
