"""The doctor's look at the ledger, its anchor and the bus."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from cli.ledger_check import Anchored, check_bus, check_ledger, judge_anchor, judge_lag
from orchestrator.lag import Lag
from tests.cli.world import Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import PRIVATE, make_sealing

ALARM_SECONDS = 30.0
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("lag", "ok"),
    [
        (Lag(), True),
        (Lag(5, 29.0, 29.0), True),
        (Lag(5, 31.0, 0.0), False),
        (Lag(0, 0.0, 31.0), False),
    ],
)
def test_what_waits_too_long_fails(lag: Lag, *, ok: bool) -> None:
    """For its seal or for its signature; the mend names who is to be looked for."""
    found = judge_lag(lag, ALARM_SECONDS)

    assert ok is found.ok
    assert ok is not ("run sealer" in found.mend)


@pytest.mark.parametrize(
    ("anchored", "ok"),
    [
        (Anchored(named=False), None),
        (Anchored(named=True, notes=3), True),
        (Anchored(named=True, trouble="Permission denied"), False),
    ],
)
def test_an_anchor_is_there_or_missed(anchored: Anchored, ok: object) -> None:
    """One that nobody named is said, and fails nothing."""
    assert ok is judge_anchor(anchored).ok


async def test_the_bus_is_asked(redis_url: str) -> None:
    """One that answers, one that does not, and one that is none."""
    urls = (redis_url, "unix:///nowhere/bus.sock", "kafka://bus")
    found = [await check_bus(url) for url in urls]

    assert [True, False, False] == [one.ok for one in found]
    assert "redis answers" == found[0].text


async def test_an_unsealed_ledger_is_found(
    database: Databases,
    scopes: Scopes,
    urls: Urls,
    environment: Environment,
    tmp_path: Path,
) -> None:
    """By the rows, whoever was to seal them; and an anchor that nobody may read."""
    sealing = await make_sealing(database, scopes)
    database.clock.move(seconds=-3600)
    await sealing.append(await sealing.task())
    environment.set(
        DATABASE_URL_SEALER=urls["sealer"],
        LEDGER_SIGNING_KEY=PEM,
        LEDGER_ANCHOR_FILE=tmp_path,
        EVENTS_URL="unix:///nowhere/bus.sock",
    )
    before = await check_ledger()
    await sealing.seal()
    await sealing.sign()
    after = await check_ledger()

    assert [False, False, False] == [one.ok for one in before]
    assert [True, False, False] == [one.ok for one in after]
