"""What people do, served: words to the app, its Home, its shortcuts."""

import json

import httpx
import pytest

from lab.json_object import JsonObject
from tests.lab.world import CHANNEL, OPERATOR, Received, World, modal

BOT = "U0AUTOPILOT"
DIRECT = "D0OPERATOR"
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Waiting"}},
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "more",
                    "text": {"type": "plain_text", "text": "More"},
                    "value": "10",
                }
            ],
        },
    ],
}


async def say(world: World, text: str, **more: object) -> httpx.Response:
    body = {"user": OPERATOR, "channel": CHANNEL, "text": text, **more}
    return await world.post("/lab/act/say", body)


async def told(world: World) -> list[JsonObject]:
    """Give the events that the app got."""
    found = (await world.http.get("/lab/deliveries")).json()["deliveries"]
    return [
        json.loads(one["body"])["event"]
        for one in found
        if one["headers"]["content-type"] == "application/json"
    ]


async def test_only_what_is_said_to_the_app_is_told(world: World) -> None:
    """A mention in a channel, everything in a direct message."""
    await say(world, "good morning")
    await say(world, f"<@{BOT}> tasks")
    await say(world, f"<@{BOT}> help", channel=DIRECT)
    events = await told(world)

    assert [("app_mention", CHANNEL), ("message", DIRECT)] == [
        (one["type"], one["channel"]) for one in events
    ]
    assert [None, "im"] == [one.get("channel_type") for one in events]


async def test_a_direct_message_is_its_owner_s_alone(world: World) -> None:
    """Others neither see it nor write there; no list of channels has it unasked."""
    await say(world, "a secret", channel=DIRECT)
    refused = await say(world, "me too", channel=DIRECT, user="U0SECOND")
    mine, theirs = [await world.workspace(one) for one in (OPERATOR, "U0SECOND")]
    listed = await world.slack.conversations_list()
    direct = await world.slack.conversations_list(types="im")

    assert 404 == refused.status_code
    assert ("a secret" in str(mine), "a secret" in str(theirs)) == (True, False)
    assert not [one for one in listed["channels"] if one.get("is_im")]
    assert 3 == len(direct["channels"])


async def test_a_home_is_told_published_and_clicked(world: World) -> None:
    """Its id stays; a click names it and carries its metadata; a stale hash fails."""
    await world.post("/lab/act/home", {"user": OPERATOR})
    first = await world.slack.views_publish(user_id=OPERATOR, view=HOME)
    again = await world.slack.views_publish(
        user_id=OPERATOR, view={**HOME, "private_metadata": "page 2"}
    )
    view_id = again["view"]["id"]
    clicked = await world.post(
        "/lab/act/click", {"user": OPERATOR, "view_id": view_id, "action_id": "more"}
    )
    await world.post("/lab/act/home", {"user": OPERATOR})
    payload = world.app.received[-2].payload
    events = await told(world)

    assert first["view"]["id"] == view_id
    assert 200 == clicked.status_code
    assert ("view", "page 2") == (
        payload["container"]["type"],
        payload["view"]["private_metadata"],
    )
    assert [False, True] == ["view" in one for one in events]
    assert "home" == (await world.workspace())["home"]["view"]["type"]


@pytest.mark.parametrize(
    "view",
    [
        {**HOME, "type": "modal"},
        {**HOME, "blocks": [{"type": "input"}]},
        {**HOME, "blocks": [{"type": "section"}] * 101},
        {"type": "home"},
    ],
)
async def test_a_home_that_slack_would_refuse_is_refused(
    world: World, view: JsonObject
) -> None:
    """By the same rules as a modal, but for the title."""
    answer = await world.slack.api_call("api.test", json={})  # the token is good
    refused = await world.http.post(
        "/api/views.publish",
        headers={"Authorization": f"Bearer {world.slack.token}"},
        json={"user_id": OPERATOR, "view": view},
    )

    assert answer["ok"]
    assert "invalid_arguments" == refused.json()["error"]


async def test_shortcuts_open_modals(world: World) -> None:
    """A global one has no channel; one on a message has the message."""

    async def open_it(received: Received) -> str:
        trigger_id = received.payload["trigger_id"]
        await world.slack.views_open(trigger_id=trigger_id, view=modal())
        return ""

    world.app.answer = open_it
    message = await world.slack.chat_postMessage(channel=CHANNEL, text="odd")
    spots: list[JsonObject] = [{}, {"channel": CHANNEL, "message_ts": message["ts"]}]
    for spot in spots:
        used = {"user": OPERATOR, "callback_id": "triage", **spot}
        assert (await world.post("/lab/act/shortcut", used)).json()["ok"]
    alone, on_message = (one.payload for one in world.app.received)

    assert ("shortcut", False) == (alone["type"], "channel" in alone)
    assert ("message_action", "odd") == (
        on_message["type"],
        on_message["message"]["text"],
    )
    assert (await world.workspace())["view"] is not None


async def test_a_shortcut_on_nothing_is_refused(world: World) -> None:
    """The message is gone, or another's."""
    used = {"user": OPERATOR, "callback_id": "t", "channel": CHANNEL, "message_ts": "1"}

    assert 404 == (await world.post("/lab/act/shortcut", used)).status_code
