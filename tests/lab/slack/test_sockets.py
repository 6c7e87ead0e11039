"""The lab's Socket Mode, as an app meets it."""

import json
from collections.abc import AsyncIterator
from time import time
from urllib.parse import urlencode

import aiohttp
import pytest

from lab.slack.sockets import envelope_of
from tests.bot.workspace import SlackWorld, slack_of

APP_TOKEN = "xapp-tests"  # noqa: S105


@pytest.fixture
async def slack() -> AsyncIterator[SlackWorld]:
    async with slack_of(time, app_token=APP_TOKEN) as made:
        yield made


async def address(slack: SlackWorld, token: str = APP_TOKEN) -> dict[str, object]:
    answer = await slack.http.post(
        "/api/apps.connections.open", headers={"authorization": f"Bearer {token}"}
    )
    body = answer.json()
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize(
    ("body", "kind", "payload"),
    [
        (
            b'{"event": {"type": "app_mention"}}',
            "events_api",
            {"event": {"type": "app_mention"}},
        ),
        (
            urlencode({"payload": '{"type": "block_actions"}'}).encode(),
            "interactive",
            {"type": "block_actions"},
        ),
        (
            urlencode({"command": "/ops", "text": "a b"}).encode(),
            "slash_commands",
            {"command": "/ops", "text": "a b"},
        ),
    ],
)
def test_what_is_posted_is_wrapped(
    body: bytes, kind: str, payload: dict[str, object]
) -> None:
    """Slack's three kinds; a redelivery has the same envelope id."""
    envelope = envelope_of(body)

    assert (kind, payload) == (envelope["type"], envelope["payload"])
    assert envelope["envelope_id"] == envelope_of(body)["envelope_id"]
    assert (kind != "events_api") == envelope["accepts_response_payload"]


@pytest.mark.parametrize("token", ["xapp-wrong", "xoxb-tests"])
async def test_another_token_opens_nothing(slack: SlackWorld, token: str) -> None:
    """Nor does the bot's own."""
    assert {"ok": False, "error": "invalid_auth"} == await address(slack, token)


async def test_an_address_opens_one_connection(slack: SlackWorld) -> None:
    """It says hello, and is worth nothing a second time."""
    url = str((await address(slack))["url"])
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        hello = json.loads((await socket.receive()).data)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(url)

    assert ("hello", 1) == (hello["type"], hello["num_connections"])


async def test_nobody_who_listens_is_a_failed_dispatch(slack: SlackWorld) -> None:
    """As Slack tells whoever clicked."""
    outcome = await slack.courier.deliver("command", "U1", {"command": "/ops"})

    assert "dispatch_failed" == outcome.error
