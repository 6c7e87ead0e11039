"""Silences: made with a reason and a bound, listed, ended once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from orchestrator import silencing
from orchestrator.silencing import BadSilence
from policy.scope import Scope
from storage.database import Database
from storage.silences import Silence
from tests.conftest import Databases
from tests.orchestrator.world import Rows

HOUR = timedelta(hours=1)


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


@pytest.mark.parametrize(
    ("labels", "lasts", "reason", "says"),
    [
        ({}, HOUR, "deploy", "at least one label"),
        ({"service": "feed"}, HOUR, " ", "say why"),
        ({"service": "feed"}, timedelta(0), "deploy", "up to 30 days"),
        ({"service": "feed"}, timedelta(days=31), "deploy", "up to 30 days"),
        ({"service": "/(/"}, HOUR, "deploy", "label service: .* no regular expression"),
    ],
)
async def test_a_bad_wish_is_refused(
    web: Database,
    scope: Scope,
    labels: dict[str, str],
    lasts: timedelta,
    reason: str,
    says: str,
) -> None:
    """Nothing is stored, and the words say what to write."""
    with pytest.raises(BadSilence, match=says):
        await silencing.silence(
            web, scope, labels, lasts=lasts, reason=reason, by="ann"
        )
    assert [] == list(await silencing.list_silences(web, scope))


@pytest.mark.parametrize("pattern", ["/(/", "x" * 301])
def test_a_broken_silence_hides_nothing(pattern: str) -> None:
    """One that was stored before such were refused must not stop the alerts."""
    day = datetime(2026, 11, 28, tzinfo=UTC)
    kept = Silence(UUID(int=1), {"service": pattern}, "deploy", "ann", day, day, None)

    assert not silencing.covers(kept, {"service": pattern})


async def test_a_silence_is_listed_until_it_ends(
    web: Database, database: Databases, scope: Scope
) -> None:
    """By itself or by a person, who is kept in the ledger."""
    for name in ("feed", "search"):
        await silencing.silence(
            web, scope, {"service": name}, lasts=HOUR, reason="x", by="ann"
        )
        database.clock.move(seconds=1)
    [last, first] = await silencing.list_silences(web, scope)
    await silencing.end_silence(web, scope, last.short_id, by="bob")
    left = await silencing.list_silences(web, scope)
    with pytest.raises(BadSilence, match=f"those that do: {first.short_id}"):
        await silencing.end_silence(web, scope, last.short_id, by="bob")
    database.clock.move(seconds=3600)
    entries = await Rows(database, scope).rows(
        "SELECT event, actor FROM ledger ORDER BY id"
    )

    assert [first] == list(left)
    assert [] == list(await silencing.list_silences(web, scope))
    assert [
        ("alerts.silenced", "ann"),
        ("alerts.silenced", "ann"),
        ("silence.ended", "bob"),
    ] == [(row["event"], row["actor"]) for row in entries]
