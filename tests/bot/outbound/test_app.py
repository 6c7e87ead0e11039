"""What a listener sends, and what it answers Slack's own request, pass the gate."""

import json
from collections.abc import Sequence
from time import time

import pytest
from slack_bolt.async_app import AsyncAck, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.blocks.text import Block
from bot.outbound.app import OutboundApp
from bot.outbound.client import OutboundClient
from bot.outbound.gate import NotSendable
from tests.bot.outbound.payloads import modal, section
from tests.bot.workspace import slack_at
from tests.lab.world import SIGNING_SECRET

LONG = "a" * 3100
THEIRS = "xoxb-theirs"


async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=enterprise_id, team_id=team_id, bot_token=THEIRS
    )


def app_of(*, strict: bool) -> OutboundApp:
    client = slack_at("http://127.0.0.1:9/api/", strict=strict)
    return OutboundApp(client, authorize=authorize, signing_secret=SIGNING_SECRET)


async def submitted(app: OutboundApp) -> BoltResponse:
    """Send a modal's submission, signed."""
    body = json.dumps(
        {
            "type": "view_submission",
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "view": {"type": "modal", "callback_id": "form", "id": "V1"},
        }
    )
    stamp = str(int(time()))
    signed = SignatureVerifier(SIGNING_SECRET).generate_signature(
        timestamp=stamp, body=body
    )
    headers: dict[str, str | Sequence[str]] = {
        "content-type": ["application/json"],
        "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [str(signed)],
    }
    return await app.async_dispatch(AsyncBoltRequest(body=body, headers=headers))


async def test_a_listener_s_client_is_behind_the_gate() -> None:
    """With the token of the workspace that the request came from."""
    app, held = app_of(strict=True), []

    async def listen(ack: AsyncAck, client: OutboundClient) -> None:
        held.append(client)
        await ack()

    app.view("form")(listen)
    await submitted(app)

    assert [(OutboundClient, THEIRS, True)] == [
        (type(one), one.token, one.gate.strict) for one in held
    ]


def answering(view: Block, *, strict: bool) -> OutboundApp:
    app = app_of(strict=strict)

    async def listen(ack: AsyncAck) -> None:
        await ack(response_action="update", view=view)

    app.view("form")(listen)
    return app


async def test_an_answer_that_does_not_fit_is_shortened() -> None:
    """A modal that is shown by an acknowledgement alone."""
    response = await submitted(answering(modal(section(LONG)), strict=False))

    shown = json.loads(response.body)["view"]["blocks"][0]["text"]["text"]
    assert shown.endswith(" … (115 more)")


async def test_a_strict_gate_raises_at_an_answer() -> None:
    with pytest.raises(NotSendable, match=r"answer: view/blocks/0/text"):
        await submitted(answering(modal(section(LONG)), strict=True))


async def test_an_answer_that_fits_goes_as_it_is() -> None:
    view = modal(section("a"))
    response = await submitted(answering(view, strict=True))

    assert {"response_action": "update", "view": view} == json.loads(response.body)
