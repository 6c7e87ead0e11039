"""The sealer's process: seals, signs, hangs up, and serves its metrics, until told."""

import asyncio
import os
import signal
import urllib.request
from pathlib import Path

import pytest

from audit.checkpoint import BadLedgerKey
from cli.keys import new_keys
from cli.local_world import free_port
from cli.sealing import run_sealer
from storage import checkpoints
from storage.steps import Step
from tests.cli.world import Environment, until
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import BOTH, make_sealing

PORT = 19_100


@pytest.fixture
def settings(environment: Environment, urls: Urls, tmp_path: Path) -> Path:
    """Give the file where checkpoints are to hang."""
    path = tmp_path / "anchors.jsonl"
    environment.set(
        DATABASE_URL_SEALER=urls["sealer"],
        LEDGER_SIGNING_KEY=new_keys()["LEDGER_SIGNING_KEY"],
        LEDGER_ANCHOR_FILE=path,
        SEALER_METRICS_PORT=free_port(PORT),
    )
    return path


async def test_what_was_written_is_sealed_signed_and_hung_up(
    database: Databases, scopes: Scopes, settings: Path
) -> None:
    """From start to the file, and the gauges; then it ends by a signal."""
    made = await make_sealing(database, scopes)
    await made.append(await made.task(), times=3)
    port = os.environ["SEALER_METRICS_PORT"]  # noqa: TID251 - what the fixture chose
    running = asyncio.ensure_future(run_sealer())
    await until(lambda: _hangs_at(settings), "a checkpoint hangs at the anchor")
    shown = await asyncio.to_thread(_read, f"http://127.0.0.1:{port}/metrics")
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    async with made.sealer.transaction(BOTH, Step.look) as tx:
        last = await checkpoints.find_last(tx)

    assert last is not None
    assert 3 == last.size
    assert "autopilot_ledger_seal_lag_seconds" in shown


def _hangs_at(path: Path) -> bool:
    return path.exists() and path.read_bytes().endswith(b"\n")


def _read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
        return str(answer.read().decode())


async def test_a_key_that_is_none_is_said_at_once(
    settings: Path, environment: Environment
) -> None:
    environment.set(LEDGER_SIGNING_KEY="secret")

    with pytest.raises(BadLedgerKey, match="autopilot keys new"):
        await run_sealer()
    assert not _hangs_at(settings)
