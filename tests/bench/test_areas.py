"""The benchmark runs: every area, every answer right, and figures for all goals."""

import asyncio
import json
import sys

import pytest

from bench.__main__ import AREAS
from tests.architecture.sources import ROOT

CASES = {
    "sandbox ready",
    "dispatch",
    "web process",
    "worker process",
    "gateway read",
    "Slack ack",
    "Slack click",
    "ingestion c=1",
    "ingestion c=64",
}


@pytest.mark.services
@pytest.mark.timeout(600)
async def test_one_short_round_of_all() -> None:
    """Of speed nothing is asked here: the rows are counted against the answers."""
    assert {"sandbox", "dispatch", "footprint", "gateway", "slack", "ingestion"} == set(
        AREAS
    )
    command = ["-m", "bench", "--rounds", "1", "--seconds", "0.3", "--json"]
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    results = json.loads(out)

    assert 0 == child.returncode
    for case in CASES:
        assert any(result["case"].startswith(case) for result in results), case
    assert all(result["product"] > 0 < result["floor"] for result in results)
    assert {"met", "missed", "void"} >= {result["verdict"] for result in results}
