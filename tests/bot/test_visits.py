"""When an endpoint last heard from its sender: noted after answers, now and then."""

import json

from bot.endpoints import Endpoints
from bot.visits import KEPT_SECONDS, Visits
from storage.database import Row, connect
from storage.steps import Step
from tests.bot.door import BEARER, Door
from tests.bot.test_webhooks import delivery

WHERE = "alertmanager/acme"
NOTED = "SELECT taken_at, refused_at, refused_status FROM webhook_visits"
Noted = tuple[bool, int | None]


async def rows(door: Door) -> list[Row]:
    async with door.database("web").transaction(door.scope, Step.look) as tx:
        return await tx.rows(NOTED)


async def noted(door: Door) -> list[Noted]:
    found = await rows(door)
    return [(row["taken_at"] is not None, row["refused_status"]) for row in found]


async def test_what_was_taken_and_what_was_refused_are_noted(door: Door) -> None:
    """A proven sender's and a stranger's; whoever only looks is no sender."""
    await door.add("alertmanager")
    found: list[list[Noted]] = []
    for method, body, headers in (
        ("GET", b"", {}),
        ("POST", b"nonsense", BEARER),
        ("POST", delivery(), BEARER),
        ("POST", delivery(), {}),
    ):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        await door.send(method, WHERE, content, headers)
        found.append(await noted(door))
        door.clock[0] += KEPT_SECONDS

    assert [[], [(False, 400)], [(True, 400)], [(True, 401)]] == found


async def test_nobody_is_noted_at_no_endpoint(door: Door) -> None:
    """A stranger who guesses slugs makes no rows."""
    await door.add("alertmanager")
    await door.post("alertmanager/guess", delivery(), BEARER)

    assert [] == await noted(door)


async def test_a_flood_is_noted_now_and_then(door: Door) -> None:
    """Each of the two kinds by itself: a refusal hides no delivery."""
    await door.add("alertmanager")
    times = []
    for seconds in (0, KEPT_SECONDS / 2, KEPT_SECONDS / 2):
        door.clock[0] += seconds
        door.database.clock.move(seconds=1)
        await door.post(WHERE, delivery(), BEARER)
        [row] = await rows(door)
        times.append((door.database.clock() - row["taken_at"]).total_seconds())
    await door.post(WHERE, delivery(), {})

    assert [0.0, 1.0, 0.0] == times
    assert [(True, 401)] == await noted(door)


async def test_a_database_that_is_away_costs_the_note_alone(door: Door) -> None:
    """The answer was given before it."""
    await door.add("alertmanager")
    known = Endpoints(door.database("web"), lambda: 0.0)
    await known.find("alertmanager", "acme")
    away = connect("postgresql://nobody@127.0.0.1:1/none", door.database.clock)
    await Visits(away, known, lambda: 0.0).note("alertmanager", "acme", 202)
    await away.close()

    assert [] == await noted(door)
