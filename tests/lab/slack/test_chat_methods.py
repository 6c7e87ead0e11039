import pytest

from tests.lab.slack.test_web_api import refusal_of
from tests.lab.world import CHANNEL, OPERATOR, World, button, card


async def test_post_returns_the_stored_message(world: World) -> None:
    """A posted message comes back with its ts and named blocks."""
    posted = await world.slack.chat_postMessage(
        channel=CHANNEL, text="x", blocks=card(button("approve"))
    )

    assert "decide" == posted["message"]["blocks"][1]["block_id"]
    assert posted["message"]["blocks"][0]["block_id"]


async def test_ts_is_unique_and_grows_while_the_clock_stands(world: World) -> None:
    """Two posts in the same microsecond still have two ordered ts."""
    first = await world.slack.chat_postMessage(channel=CHANNEL, text="1")
    second = await world.slack.chat_postMessage(channel=CHANNEL, text="2")

    assert first["ts"] < second["ts"]


async def test_update_with_text_alone_takes_the_blocks_away(world: World) -> None:
    """chat.update without blocks removes them, as in Slack."""
    posted = await world.slack.chat_postMessage(
        channel=CHANNEL, text="x", blocks=card(button("approve"))
    )
    await world.slack.chat_update(channel=CHANNEL, ts=posted["ts"], text="decided")

    history = await world.slack.conversations_history(channel=CHANNEL)
    assert "blocks" not in history["messages"][0]


async def test_refuses_what_slack_refuses(world: World) -> None:
    """Each mistake has Slack's own error code."""
    slack = world.slack
    many = [{"type": "divider"}] * 51
    long = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
        for _ in range(5)
    ]
    big = {"event_type": "t", "event_payload": {"x": "y" * 9000}}

    post = slack.chat_postMessage
    assert "channel_not_found" == await refusal_of(post(channel="C0NONE", text="x"))
    empty = slack.api_call("chat.postMessage", json={"channel": CHANNEL})
    assert "no_text" == await refusal_of(empty)
    assert "invalid_blocks" == await refusal_of(
        post(channel=CHANNEL, text="x", blocks=many)
    )
    assert "msg_blocks_too_long" == await refusal_of(
        post(channel=CHANNEL, text="x", blocks=long)
    )
    assert "metadata_too_large" == await refusal_of(
        post(channel=CHANNEL, text="x", metadata=big)
    )
    assert "thread_not_found" == await refusal_of(
        post(channel=CHANNEL, text="x", thread_ts="1.000001")
    )


async def test_update_refuses_what_is_not_ours(world: World) -> None:
    """Another's message cannot be updated, an absent one not be found."""
    said = await world.post(
        "/lab/act/say", {"user": OPERATOR, "channel": CHANNEL, "text": "hello"}
    )
    update = world.slack.chat_update

    assert "cant_update_message" == await refusal_of(
        update(channel=CHANNEL, ts=said.json()["ts"], text="x")
    )
    assert "message_not_found" == await refusal_of(
        update(channel=CHANNEL, ts="1.000001", text="x")
    )


@pytest.mark.parametrize(("length", "kept"), [(40_000, 40_000), (40_001, 40_000)])
async def test_long_texts_are_cut(world: World, length: int, kept: int) -> None:
    """Slack keeps 40,000 characters of a text."""
    posted = await world.slack.chat_postMessage(channel=CHANNEL, text="x" * length)

    assert kept == len(posted["message"]["text"])


async def test_ephemerals_are_for_one_person(world: World) -> None:
    """Only the addressed person sees it, and history does not."""
    await world.slack.chat_postEphemeral(channel=CHANNEL, user=OPERATOR, text="psst")

    assert ["psst"] == [m["text"] for m in (await world.workspace())["messages"]]
    assert [] == (await world.workspace("U0SECOND"))["messages"]
    history = await world.slack.conversations_history(channel=CHANNEL)
    assert [] == history["messages"]


async def test_permalink_names_the_thread(world: World) -> None:
    """A reply's permalink carries its thread."""
    root = await world.slack.chat_postMessage(channel=CHANNEL, text="root")
    reply = await world.slack.chat_postMessage(
        channel=CHANNEL, text="reply", thread_ts=root["ts"]
    )
    link = await world.slack.chat_getPermalink(channel=CHANNEL, message_ts=reply["ts"])

    assert f"thread_ts={root['ts']}" in str(link["permalink"])
