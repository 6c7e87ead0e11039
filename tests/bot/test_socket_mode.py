"""Socket Mode: what Slack sends comes over our connections, and none of it is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from time import time

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.in_time import InTime
from bot.socket_mode import CONNECTIONS, SocketMode, SocketRefused
from lab.slack.response_urls import ResponseUrl
from tests.bot.workspace import SlackWorld, slack_of
from tests.bot.world import OPERATOR
from tests.lab.world import BOT_TOKEN, CHANNEL, SIGNING_SECRET

APP_TOKEN = "xapp-tests"  # noqa: S105
COMMAND = {"command": "/ops", "text": "help", "user_id": "U1", "team_id": "T1"}


@dataclass
class Heard:
    """An app that notes each command; ``seconds`` is how long it takes."""

    texts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def app(self, slack: SlackWorld) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id="T1", bot_token=BOT_TOKEN
            )

        app = AsyncApp(
            client=slack.slack,
            authorize=authorize,
            signing_secret=SIGNING_SECRET,
            process_before_response=True,
        )

        async def take(ack: AsyncAck, command: dict[str, str]) -> None:
            await asyncio.sleep(self.seconds)
            self.texts.append(command["text"])
            await ack(f"heard {command['text']}")

        app.command("/ops")(take)
        return app


@pytest.fixture
async def slack() -> AsyncIterator[SlackWorld]:
    async with slack_of(time, app_token=APP_TOKEN) as made:
        yield made


def sockets(slack: SlackWorld, heard: Heard, *, token: str = APP_TOKEN) -> SocketMode:
    in_time = InTime(heard.app(slack), slack.slack)
    return SocketMode(in_time, token, f"{slack.url}/api/", ping_seconds=0.2)


async def until_open(mode: SocketMode, *, most: int = CONNECTIONS) -> None:
    async with asyncio.timeout(10):
        while await mode.count_open() < most:  # noqa: ASYNC110 - slack_sdk tells nobody
            await asyncio.sleep(0.02)


async def test_a_request_is_answered_over_a_connection(slack: SlackWorld) -> None:
    """The acknowledgement carries what HTTP would have answered."""
    heard = Heard()
    mode = sockets(slack, heard)
    async with mode.listening():
        await until_open(mode)
        answer = await slack.courier.deliver("command", "U1", COMMAND)

    assert (200, {"text": "heard help"}) == (answer.status, json.loads(answer.body))
    assert ["help"] == heard.texts


async def test_both_connections_hear(slack: SlackWorld) -> None:
    """Slack takes turns; twenty at once are all answered."""
    heard = Heard(seconds=0.05)
    mode = sockets(slack, heard)
    async with mode.listening():
        await until_open(mode)
        forms = [COMMAND | {"text": str(n)} for n in range(20)]
        answers = await asyncio.gather(
            *(slack.courier.deliver("command", "U1", one) for one in forms)
        )

    assert {200} == {one.status for one in answers}
    assert {str(n) for n in range(20)} == set(heard.texts)


async def test_what_a_broken_connection_lost_comes_again(slack: SlackWorld) -> None:
    """Cut before it was acknowledged: another connection brings it, within the time."""
    heard = Heard(seconds=0.3)
    mode = sockets(slack, heard)
    async with mode.listening(), asyncio.TaskGroup() as group:
        await until_open(mode)
        asked = group.create_task(slack.courier.deliver("command", "U1", COMMAND))
        await asyncio.sleep(0.1)
        await slack.sockets.cut(most=1)
    answer = asked.result()

    assert 200 == answer.status
    assert {"help"} == set(heard.texts)


@pytest.mark.parametrize("how", ["refresh", "cut"])
async def test_a_connection_is_opened_anew(slack: SlackWorld, how: str) -> None:
    """As Slack asks for it now and then, and after it broke without a word."""
    heard = Heard()
    mode = sockets(slack, heard)
    async with mode.listening():
        await until_open(mode)
        await slack.post(f"/lab/slack/sockets/{how}", {})
        async with asyncio.timeout(20):
            while True:
                answer = await slack.courier.deliver("command", "U1", COMMAND)
                if answer.ok and await mode.count_open() == CONNECTIONS:
                    break
                await asyncio.sleep(0.05)

    assert heard.texts


async def test_what_was_heard_is_answered_at_the_end(slack: SlackWorld) -> None:
    """A process that stops lets no click wait for Slack's three seconds."""
    heard = Heard(seconds=0.5)
    mode = sockets(slack, heard)
    async with asyncio.TaskGroup() as group, mode.listening():
        await until_open(mode)
        asked = group.create_task(slack.courier.deliver("command", "U1", COMMAND))
        await asyncio.sleep(0.2)
    after = await slack.courier.deliver("command", "U1", COMMAND)

    assert 200 == asked.result().status
    assert (["help"], "dispatch_failed") == (heard.texts, after.error)
    assert 0 == await mode.count_open()


async def test_whom_a_closing_process_owes_an_answer_is_told(
    slack: SlackWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acknowledged early, not done by the end: they hear that nobody knows."""
    monkeypatch.setattr("bot.socket_mode._LAST_ANSWERS_SECONDS", 0.1)
    mode = sockets(slack, Heard(seconds=600))
    mode.in_time = replace(mode.in_time, seconds=0.05)
    spot = ResponseUrl(OPERATOR, CHANNEL, slack.clock())
    address = slack.workspace_here.response_urls.issue(spot)
    asked = COMMAND | {"user_id": OPERATOR, "response_url": address}
    async with mode.listening():
        await until_open(mode)
        answer = await slack.courier.deliver("command", OPERATOR, asked)
    found = (await slack.workspace())["messages"]
    assert isinstance(found, list)
    [told] = found

    assert 200 == answer.status
    assert "not known whether that was done" in told["text"]


async def test_a_wrong_token_ends_the_process(slack: SlackWorld) -> None:
    """At once, and in words that say what to do."""
    mode = sockets(slack, Heard(), token="xapp-wrong")  # noqa: S106
    with pytest.raises(SocketRefused, match="invalid_auth; check SLACK_APP_TOKEN"):
        async with mode.listening():
            pass


async def test_a_slack_that_is_away_is_asked_again(
    slack: SlackWorld, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """Nothing ends; whoever asks is told that nobody listens."""
    url = f"http://127.0.0.1:{unused_tcp_port_factory()}/api/"
    in_time = InTime(Heard().app(slack), slack.slack)
    mode = SocketMode(in_time, APP_TOKEN, url, ping_seconds=0.2)
    async with mode.listening():
        await asyncio.sleep(0.3)
        open_ones = await mode.count_open()

    assert 0 == open_ones


async def test_no_address_to_connect_to_is_logged(
    slack: SlackWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has it may hear Slack in our place."""
    url = f"{slack.url.replace('http', 'ws', 1)}/link/?ticket=2f1c9a6e-8a44&app_id=5b3a"
    mode = sockets(slack, Heard())
    with pytest.MonkeyPatch.context() as patch:

        async def issued(*_: object) -> str:
            return url

        patch.setattr("bot.socket_mode._first_address", issued)
        async with mode.listening():
            await asyncio.sleep(0.3)

    assert "Failed to connect" in caplog.text
    assert "2f1c9a6e" not in caplog.text
