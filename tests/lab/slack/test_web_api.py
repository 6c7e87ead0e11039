"""The real slack_sdk client against the workspace, over loopback."""

from collections.abc import Awaitable

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.lab.world import BOT_TOKEN, CHANNEL, World, button, card


async def refusal_of(awaitable: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        await awaitable
    return str(refused.value.response["error"])


async def test_auth_test_names_the_bot(world: World) -> None:
    """auth.test answers who we are, with the granted scopes in a header."""
    answer = await world.slack.auth_test()

    assert ("T0GENME", "U0AUTOPILOT", "B0AUTOPILOT") == (
        answer["team_id"],
        answer["user_id"],
        answer["bot_id"],
    )
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_wrong_and_missing_tokens_are_refused(world: World) -> None:
    """A wrong token is invalid_auth, none at all is not_authed."""
    stranger = AsyncWebClient(token=f"{BOT_TOKEN}-no", base_url=f"{world.url}/api/")

    assert "invalid_auth" == await refusal_of(stranger.auth_test())
    answer = await world.http.post("/api/auth.test")
    assert "not_authed" == answer.json()["error"]


async def test_unknown_methods_are_refused(world: World) -> None:
    """A method that Slack does not know is unknown_method."""
    assert "unknown_method" == await refusal_of(world.slack.api_call("chat.sing"))


@pytest.mark.parametrize("form", ["form", "json", "query", "multipart"])
async def test_every_wire_format_is_understood(world: World, form: str) -> None:
    """Form, JSON, query string and multipart carry the same arguments."""
    arguments = {"channel": CHANNEL, "text": "grüße & more"}
    url, auth = "/api/chat.postMessage", {"Authorization": f"Bearer {BOT_TOKEN}"}
    if form == "json":
        sent = await world.http.post(url, json=arguments, headers=auth)
    elif form == "form":
        sent = await world.http.post(url, data=arguments, headers=auth)
    elif form == "query":
        sent = await world.http.get(url, params=arguments, headers=auth)
    else:
        parts = {name: (None, value) for name, value in arguments.items()}
        sent = await world.http.post(url, files=parts, headers=auth)

    assert "grüße & more" == sent.json()["message"]["text"]


async def test_lists_channels_and_people(world: World) -> None:
    """The four channels and the three people with the bot are there."""
    channels = await world.slack.conversations_list()
    people = await world.slack.users_list()

    assert CHANNEL in [channel["id"] for channel in channels["channels"]]
    assert 4 == len(people["members"])
    assert (await world.slack.conversations_info(channel=CHANNEL))["ok"]
    assert (await world.slack.conversations_join(channel=CHANNEL))["ok"]
    assert (
        "Olu Operator"
        == (await world.slack.users_info(user="U0OPERATOR"))["user"]["real_name"]
    )
    assert "GenMe" == (await world.slack.team_info())["team"]["name"]


async def test_response_url_takes_five_uses(world: World) -> None:
    """A response URL answers the person five times, then no more."""
    message = await world.slack.chat_postMessage(
        channel=CHANNEL, text="x", blocks=card(button("approve"))
    )
    await world.post(
        "/lab/act/click",
        {
            "user": "U0OPERATOR",
            "channel": CHANNEL,
            "message_ts": message["ts"],
            "action_id": "approve",
        },
    )
    url = world.app.received[0].payload["response_url"]

    statuses = [
        (await world.http.post(url, json={"text": "done"})).status_code
        for _ in range(6)
    ]
    assert [200] * 5 + [404] == statuses


async def test_response_url_replaces_the_original(world: World) -> None:
    """replace_original edits the message that was clicked."""
    message = await world.slack.chat_postMessage(
        channel=CHANNEL, text="x", blocks=card(button("approve"))
    )
    await world.post(
        "/lab/act/click",
        {
            "user": "U0OPERATOR",
            "channel": CHANNEL,
            "message_ts": message["ts"],
            "action_id": "approve",
        },
    )
    url = world.app.received[0].payload["response_url"]
    await world.http.post(url, json={"text": "approved", "replace_original": True})

    shown = (await world.workspace())["messages"][0]
    assert ("approved", False) == (shown["text"], "blocks" in shown)
