"""Routes read anew while everything runs: a broken text is loud, and not used."""

import json
import os
import signal
from pathlib import Path

import httpx
import pytest

from cli.processes import ROOT
from tests.journeys.stack import Stack, running_stack, until

_SECONDS = 30
_MOVED = """routes:
  - id: moved
    match: {}
    kind: reliability
    agent: reliability-triage/1
    channel: C0SAFETY
"""


@pytest.mark.services
@pytest.mark.timeout(180)
async def test_routes_are_read_anew(tmp_path: Path) -> None:
    """/readyz tells a broken text while alerts go the old way; a good one is used."""
    routes = tmp_path / "routes.yaml"
    routes.write_text((ROOT / "routes.yaml").read_text())
    async with running_stack(tmp_path, settings={"ROUTES_FILE": str(routes)}) as stack:
        routes.write_text("routes: [")
        _hang_up(stack)
        await until(lambda: _says(stack, "not YAML"), "the text is refused", _SECONDS)
        await _alert(stack, "before")
        routes.write_text(_MOVED)
        _hang_up(stack)
        await until(lambda: _says(stack, "current"), "the text is used", _SECONDS)
        await _alert(stack, "after")
        channels = stack.rows("SELECT channel FROM tasks ORDER BY created_at")
        log = (stack.world.logs / "web.log").read_text()

    assert [("C0RELIABILITY",), ("C0SAFETY",)] == channels
    assert "routes.refused" in log


def _hang_up(stack: Stack) -> None:
    os.kill(stack.supervisor.pids["web"], signal.SIGHUP)


async def _says(stack: Stack, words: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{stack.world.web_url}/readyz")
    return answer.is_success and words in answer.json()["routes"]


async def _alert(stack: Stack, name: str) -> None:
    alert = {
        "fingerprint": name,
        "startsAt": "2026-01-02T03:04:05Z",
        "labels": {"alertname": "Down", "team": "reliability", "service": name},
    }
    answer = await stack.post_webhook(json.dumps({"alerts": [alert]}).encode())
    answer.raise_for_status()
