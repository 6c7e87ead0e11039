"""What people do, as the app gets it."""

import asyncio
import json

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from lab.json_object import JsonObject
from tests.lab.slack.test_web_api import refusal_of
from tests.lab.world import (
    CHANNEL,
    OPERATOR,
    SIGNING_SECRET,
    Received,
    SteppedClock,
    StillClock,
    World,
    button,
    card,
    modal,
    world_of,
)


async def posted_card(world: World, *elements: JsonObject) -> str:
    message = await world.slack.chat_postMessage(
        channel=CHANNEL, text="card", blocks=card(*elements)
    )
    return str(message["ts"])


async def clicked(world: World, ts: str, action_id: str, **more: object) -> JsonObject:
    answer = await world.post(
        "/lab/act/click",
        {
            "user": OPERATOR,
            "channel": CHANNEL,
            "message_ts": ts,
            "action_id": action_id,
            **more,
        },
    )
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


async def opened_modal(world: World, **more: object) -> str:
    async def open_it(_received: Received) -> str:
        trigger_id = _received.payload["trigger_id"]
        await world.slack.views_open(trigger_id=trigger_id, view=modal(**more))
        return ""

    world.app.answer = open_it
    await clicked(world, await posted_card(world, button("edit")), "edit")
    world.app.answer = None
    return str((await world.workspace())["view"]["view"]["id"])


async def submitted(world: World, view_id: str, limit: str) -> httpx.Response:
    values = {"limit": {"v": {"type": "number_input", "value": limit}}}
    return await world.post(
        "/lab/act/submit", {"user": OPERATOR, "view_id": view_id, "values": values}
    )


async def test_a_click_is_signed_and_shaped_like_slack(
    world: World, clock: SteppedClock
) -> None:
    """slack_sdk's verifier accepts it, and the payload names who, where, what."""
    ts = await posted_card(world, button("approve", "p7"))
    outcome = await clicked(world, ts, "approve")

    received = world.app.received[0]
    verifier = SignatureVerifier(SIGNING_SECRET, StillClock(clock.now))
    assert verifier.is_valid_request(received.body, received.headers)
    payload = received.payload
    assert ("block_actions", OPERATOR, ts, "p7") == (
        payload["type"],
        payload["user"]["id"],
        payload["container"]["message_ts"],
        payload["actions"][0]["value"],
    )
    assert (True, 200) == (outcome["ok"], outcome["status"])


async def test_a_button_that_has_gone_is_not_found(world: World) -> None:
    """After an update the old button answers 404 with the reason."""
    ts = await posted_card(world, button("approve"))
    await world.slack.chat_update(channel=CHANNEL, ts=ts, text="decided")
    answer = await world.post(
        "/lab/act/click",
        {
            "user": OPERATOR,
            "channel": CHANNEL,
            "message_ts": ts,
            "action_id": "approve",
        },
    )

    assert 404 == answer.status_code
    assert "approve" in answer.json()["detail"]
    assert [] == world.app.received


async def test_a_stale_click_is_delivered_all_the_same(world: World) -> None:
    """A stale click sends the old button, as a phone that has not refreshed does."""
    ts = await posted_card(world, button("approve", "old"))
    await world.slack.chat_update(channel=CHANNEL, ts=ts, text="decided")
    await clicked(world, ts, "approve", stale=True, block_id="decide", value="old")

    action = world.app.received[0].payload["actions"][0]
    assert ("decide", "old") == (action["block_id"], action["value"])


async def test_a_choice_is_delivered_as_the_option(world: World) -> None:
    """A select's option arrives whole, though chosen by its value."""
    option = {"text": {"type": "plain_text", "text": "15 min"}, "value": "15"}
    select = {"type": "static_select", "action_id": "snooze", "options": [option]}
    ts = await posted_card(world, select)
    await clicked(world, ts, "snooze", selected_option="15")

    assert option == world.app.received[0].payload["actions"][0]["selected_option"]


async def test_a_commands_answer_is_ephemeral(world: World) -> None:
    """The body of the ack is shown to the one person."""
    world.app.answer = lambda _received: '{"text": "Nothing waits for you."}'
    await world.post(
        "/lab/act/command",
        {"user": OPERATOR, "channel": CHANNEL, "command": "/ops", "text": "now"},
    )

    form = world.app.received[0].form
    assert ("/ops", "now", CHANNEL) == (
        form["command"],
        form["text"],
        form["channel_id"],
    )
    shown = (await world.workspace())["messages"]
    assert ["Nothing waits for you."] == [message["text"] for message in shown]
    assert [] == (await world.workspace("U0SECOND"))["messages"]


async def test_a_late_app_times_out_before_the_persons_eyes(
    clock: SteppedClock,
) -> None:
    """An app that has not acknowledged in time: the person sees operation_timeout."""
    over = asyncio.Event()

    async def dawdle(_received: Received) -> str:
        await over.wait()
        return ""

    async with world_of(clock, ack_seconds=0.1) as world:
        world.app.answer = dawdle
        answer = await world.post(
            "/lab/act/command",
            {"user": OPERATOR, "channel": CHANNEL, "command": "/ops"},
        )
        note = (await world.workspace())["messages"][0]
        over.set()

    assert (False, 0) == (answer.json()["ok"], answer.json()["status"])
    assert note["error"]
    assert "operation_timeout" in note["text"]


async def test_a_trigger_opens_once_and_for_three_seconds(
    world: World, clock: SteppedClock
) -> None:
    """Used, old and made-up trigger ids are refused, each in its way."""
    ts = await posted_card(world, button("edit"))
    await clicked(world, ts, "edit")
    await clicked(world, ts, "edit")
    first, second = (one.payload["trigger_id"] for one in world.app.received)
    views_open = world.slack.views_open
    await views_open(trigger_id=first, view=modal())

    assert "exchanged_trigger_id" == await refusal_of(
        views_open(trigger_id=first, view=modal())
    )
    clock.now += 3.1
    assert "expired_trigger_id" == await refusal_of(
        views_open(trigger_id=second, view=modal())
    )
    assert "invalid_trigger_id" == await refusal_of(
        views_open(trigger_id="1.2.x", view=modal())
    )


async def test_a_submission_carries_the_state_and_closes(world: World) -> None:
    """An empty ack closes the view; the app got what was typed."""
    view_id = await opened_modal(world)
    await submitted(world, view_id, "600")

    payload = world.app.received[-1].payload
    values = payload["view"]["state"]["values"]
    assert ("view_submission", "600") == (
        payload["type"],
        values["limit"]["v"]["value"],
    )
    assert (await world.workspace())["view"] is None


@pytest.mark.parametrize("typed", ["", "50", "2001", "12.5", "many"])
async def test_the_client_itself_refuses_bad_numbers(world: World, typed: str) -> None:
    """Out of bounds, empty or no number: the app never hears of it."""
    view_id = await opened_modal(world)
    heard = len(world.app.received)
    answer = await submitted(world, view_id, typed)

    assert (422, heard) == (answer.status_code, len(world.app.received))
    assert "limit" in answer.json()["detail"]["errors"]


async def test_response_actions_are_obeyed(world: World) -> None:
    """An answer can show errors, update the view, push another, end all."""
    view_id = await opened_modal(world)
    again = modal(title={"type": "plain_text", "text": "Sure?"})

    async def shown_after(answer: JsonObject) -> JsonObject | None:
        world.app.answer = lambda _received: json.dumps(answer)
        now = (await world.workspace())["view"]["view"]["id"]
        await submitted(world, now, "600")
        view: JsonObject | None = (await world.workspace())["view"]
        return view

    failed = await shown_after({"response_action": "errors", "errors": {"limit": "No"}})
    updated = await shown_after({"response_action": "update", "view": again})
    pushed = await shown_after({"response_action": "push", "view": again})

    assert failed is not None
    assert updated is not None
    assert pushed is not None
    assert {"limit": "No"} == failed["errors"]
    assert (view_id, "Sure?", {}) == (
        updated["view"]["id"],
        updated["view"]["title"]["text"],
        updated["errors"],
    )
    assert view_id == pushed["view"]["previous_view_id"]
    assert await shown_after({"response_action": "clear"}) is None


async def test_closing_tells_the_app_if_it_asked(world: World) -> None:
    """notify_on_close brings a view_closed, and nothing else does."""
    view_id = await opened_modal(world, notify_on_close=True)
    await world.post("/lab/act/close", {"user": OPERATOR, "view_id": view_id})

    assert "view_closed" == world.app.received[-1].payload["type"]


async def test_views_update_minds_the_hash(world: World) -> None:
    """An old hash is a conflict; an unknown view is not found."""
    view_id = await opened_modal(world)
    update = world.slack.views_update

    assert "hash_conflict" == await refusal_of(
        update(view_id=view_id, hash="1.old", view=modal())
    )
    assert "view_not_found" == await refusal_of(update(view_id="V0NONE", view=modal()))
    renamed = modal(title={"type": "plain_text", "text": "Again"})
    await update(view_id=view_id, view=renamed)
    assert "Again" == (await world.workspace())["view"]["view"]["title"]["text"]
