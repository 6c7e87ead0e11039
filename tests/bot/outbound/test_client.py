"""Whatever slack_sdk sends passes the gate, by whichever of its methods."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.outbound.client import OutboundClient
from bot.outbound.gate import Gate, NotSendable
from tests.bot.outbound.payloads import modal, section
from tests.bot.workspace import SlackWorld
from tests.lab.world import CHANNEL, OPERATOR

LONG = "a" * 3100


async def test_every_way_of_sending_passes_the_gate(lab: SlackWorld) -> None:
    """Messages, whispers, edits, views, unfurls, streams, and a bare call."""
    slack, blocks = lab.slack, [section(LONG)]
    view, unfurls = modal(section(LONG)), {"https://a.test": {"blocks": blocks}}
    ways: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: slack.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks),
        lambda: slack.chat_postEphemeral(
            channel=CHANNEL, user=OPERATOR, text="x", blocks=blocks
        ),
        lambda: slack.chat_update(channel=CHANNEL, ts="1.1", text="x", blocks=blocks),
        lambda: slack.chat_unfurl(channel=CHANNEL, ts="1.1", unfurls=unfurls),
        lambda: slack.chat_stopStream(channel=CHANNEL, ts="1.1", blocks=blocks),
        lambda: slack.views_open(trigger_id="t", view=view),
        lambda: slack.views_push(trigger_id="t", view=view),
        lambda: slack.views_update(view_id="V1", view=view),
        lambda: slack.views_publish(user_id=OPERATOR, view=view | {"type": "home"}),
        lambda: slack.api_call("chat.postMessage", json={"blocks": blocks}),
        lambda: slack.api_call("chat.postMessage", params={"blocks": blocks}),
        lambda: slack.api_call("chat.postMessage", data={"blocks": blocks}),
    )

    for way in ways:
        with pytest.raises(NotSendable, match=r"section\.text has 3,100"):
            await way()


async def test_in_production_the_lab_gets_what_fits(lab: SlackWorld) -> None:
    """It takes the message, shortened, which it would refuse as it was."""
    slack = OutboundClient(lab.slack, Gate(strict=False))
    with capture_logs() as logs:
        sent = await slack.chat_postMessage(
            channel=CHANNEL, text="x", blocks=[section(LONG)]
        )

    assert sent["message"]["blocks"][0]["text"]["text"].endswith(" … (115 more)")
    assert ["outbound.shortened"] == [one["event"] for one in logs]


async def test_it_is_the_client_that_it_was_made_from() -> None:
    """Token, address, patience, session, team and retries."""
    async with aiohttp.ClientSession() as session:
        plain = AsyncWebClient(
            token="xoxb-1",  # noqa: S106 - of a test
            base_url="http://127.0.0.1:9/api/",
            timeout=7,
            session=session,
            team_id="T1",
            retry_handlers=[],
        )
        made = OutboundClient(plain, Gate(strict=True))

    kept = ("token", "base_url", "timeout", "session", "default_params")
    assert [getattr(plain, one) for one in kept] == [getattr(made, one) for one in kept]
    assert [] == made.retry_handlers
