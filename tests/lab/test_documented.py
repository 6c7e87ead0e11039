"""`docs/lab.md` is true: its app runs, and what it names is there."""

import asyncio
import re
import sys
from pathlib import Path
from time import time

import httpx
import pytest

from cli.processes import ROOT
from lab.server import create_app
from lab.slack.refusal import SlackRefusal
from tests.journeys.stack import until
from tests.lab.world import (
    CHANNEL,
    OPERATOR,
    PATIENT_SECONDS,
    World,
    free_socket,
    port_of,
    served,
    settings_for,
)

PAGE = (ROOT / "docs" / "lab.md").read_text()


@pytest.mark.timeout(120)
async def test_its_app_answers_a_command(tmp_path: Path) -> None:
    """A Bolt app that knows nothing of us, in a process of its own."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    lab_socket, app_socket = free_socket(), free_socket()
    port, app_port = port_of(lab_socket), port_of(app_socket)
    app_socket.close()
    settings = settings_for(
        port, app_port, state_file=None, scale=1.0, ack_seconds=PATIENT_SECONDS
    )
    secret = settings.slack_signing_secret.get_secret_value()
    token = settings.slack_bot_token.get_secret_value()
    program = tmp_path / "app.py"
    program.write_text(
        code.replace("8390", str(port))
        .replace("8391", str(app_port))
        .replace('"lab"', repr(secret))
        .replace("xoxb-lab", token)
    )
    said = {"channel": CHANNEL, "command": "/ops", "text": "hello", "user": OPERATOR}
    async with (
        served(create_app(settings, time), lab_socket),
        httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as http,
    ):
        app = await asyncio.create_subprocess_exec(sys.executable, str(program))

        async def is_answered() -> bool:
            answer = await http.post("/lab/act/command", json=said)
            return bool(answer.json()["ok"])

        try:
            await until(is_answered, "the app answers", 60)
        finally:
            app.terminate()
            await app.wait()
        seen = (await http.get(f"/lab/workspace?user={OPERATOR}")).json()

    assert "You said hello" == seen["messages"][-1]["text"]


async def test_its_addresses_are_served(world: World) -> None:
    """Each that it names; none is of another release."""
    named = set(re.findall(r"/lab/[a-z/-]+[a-z]", PAGE)) - {"/lab/slack/limits"}
    named -= {"/lab/slack/web"}
    found = {one: (await world.http.request("PUT", one)).status_code for one in named}

    assert len(named) > 10
    assert {405} == set(found.values()), found


def test_its_errors_are_refused_by_name() -> None:
    """A code that nothing raises is promised to nobody."""
    sources = "".join(one.read_text() for one in (ROOT / "lab" / "slack").glob("*.py"))
    held = PAGE[PAGE.index("## What it holds") : PAGE.index("## Make it misbehave")]
    codes = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", held)) - {"response_url"}

    assert SlackRefusal.__name__ in sources
    assert codes
    assert not {one for one in codes if f'"{one}"' not in sources}
