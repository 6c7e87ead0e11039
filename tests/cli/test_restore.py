"""``db after-restore``: says what came, what is frozen, and what is to be done next."""

import argparse

import pytest

from cli.restore import run_after_restore
from tests.cli.world import Autopilot, Environment
from tests.conftest import Databases, Scopes
from tests.database import RELEASE, Urls
from tests.storage.sealing import make_sealing


@pytest.fixture(autouse=True)
def release(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_RELEASE=urls[RELEASE])


async def test_it_says_what_came_and_what_is_next(
    database: Databases, scopes: Scopes, capfd: pytest.CaptureFixture[str]
) -> None:
    made = await make_sealing(database, scopes)
    await made.append(await made.task(), times=2)
    await made.seal()
    for role in ("worker", "sealer", RELEASE):
        await database(role).close()
    code = await run_after_restore(argparse.Namespace(by="U0OPERATOR"))
    out = capfd.readouterr().out

    assert 0 == code
    assert "acme: 2 sealed entries came with the dump\nepoch 1" in out
    assert "autopilot thaw acme --environment staging --reason" in out
    assert "autopilot audit verify" in out


def test_who_did_it_must_be_said(
    autopilot: Autopilot, capfd: pytest.CaptureFixture[str]
) -> None:
    """It stands in the ledger, and on every card that the freeze holds."""
    with pytest.raises(SystemExit):
        autopilot("db", "after-restore")

    assert "--by" in capfd.readouterr().err
