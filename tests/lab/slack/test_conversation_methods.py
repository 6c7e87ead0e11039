from tests.lab.slack.test_web_api import refusal_of
from tests.lab.world import CHANNEL, World


async def posted(world: World, count: int) -> list[str]:
    return [
        str((await world.slack.chat_postMessage(channel=CHANNEL, text=str(n)))["ts"])
        for n in range(count)
    ]


async def test_history_pages_newest_first(world: World) -> None:
    """A cursor leads through all of it once."""
    await posted(world, 5)
    first = await world.slack.conversations_history(channel=CHANNEL, limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await world.slack.conversations_history(
        channel=CHANNEL, limit=3, cursor=cursor
    )

    found = [m["text"] for m in [*first["messages"], *second["messages"]]]
    assert ["4", "3", "2", "1", "0"] == found
    assert (True, False) == (first["has_more"], second["has_more"])


async def test_bounds_are_exclusive_unless_asked(world: World) -> None:
    """Both bounds leave their own message out unless inclusive."""
    stamps = await posted(world, 3)
    history = world.slack.conversations_history

    first, last = stamps[0], stamps[2]
    without = await history(channel=CHANNEL, oldest=first, latest=last)
    within = await history(channel=CHANNEL, oldest=first, latest=last, inclusive=True)
    assert (1, 3) == (len(without["messages"]), len(within["messages"]))


async def test_replies_carry_metadata_when_asked(world: World) -> None:
    """The root comes first; metadata only with include_all_metadata."""
    meta = {"event_type": "card", "event_payload": {"key": "k1"}}
    root = await world.slack.chat_postMessage(
        channel=CHANNEL, text="root", metadata=meta
    )
    await world.slack.chat_postMessage(
        channel=CHANNEL, text="reply", thread_ts=root["ts"]
    )
    replies = world.slack.conversations_replies

    plain = await replies(channel=CHANNEL, ts=root["ts"])
    full = await replies(channel=CHANNEL, ts=root["ts"], include_all_metadata=True)
    assert ["root", "reply"] == [m["text"] for m in plain["messages"]]
    assert "metadata" not in plain["messages"][0]
    assert meta == full["messages"][0]["metadata"]


async def test_refuses_bad_pages_and_threads(world: World) -> None:
    """A bad cursor, limit or thread has its own code."""
    slack = world.slack

    assert "invalid_cursor" == await refusal_of(
        slack.conversations_history(channel=CHANNEL, cursor="?")
    )
    assert "invalid_limit" == await refusal_of(
        slack.conversations_history(channel=CHANNEL, limit=1000)
    )
    assert "thread_not_found" == await refusal_of(
        slack.conversations_replies(channel=CHANNEL, ts="1.000001")
    )


async def test_a_persons_id_is_no_channels(world: World) -> None:
    """It may be posted to; only conversations.open gives the id to look there."""
    slack, user = world.slack, "U0OPERATOR"
    said = await slack.chat_postMessage(channel=user, text="hello")
    opened = await slack.conversations_open(users=user)
    found = await slack.conversations_history(channel=opened["channel"]["id"])

    assert ["hello"] == [one["text"] for one in found["messages"]]
    assert said["channel"] == opened["channel"]["id"]
    for call in (
        slack.conversations_history(channel=user),
        slack.conversations_replies(channel=user, ts=said["ts"]),
        slack.chat_update(channel=user, ts=said["ts"], text="x"),
        slack.chat_postEphemeral(channel=user, user=user, text="x"),
    ):
        assert "channel_not_found" == await refusal_of(call)
    assert "user_not_found" == await refusal_of(
        slack.conversations_open(users="U0NOBODY")
    )
