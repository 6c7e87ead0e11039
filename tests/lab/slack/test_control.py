from lab.changes import ChangeFeed
from lab.slack.control import change_events
from tests.lab.world import CHANNEL, World


async def test_stats_count_posts_roots_and_updates(world: World) -> None:
    """The counters tell how much the bot has said where."""
    root = await world.slack.chat_postMessage(channel=CHANNEL, text="root")
    await world.slack.chat_postMessage(
        channel=CHANNEL, text="reply", thread_ts=root["ts"]
    )
    await world.slack.chat_update(channel=CHANNEL, ts=root["ts"], text="new")

    stats = (await world.http.get("/lab/slack/stats")).json()
    assert (2, 1, 1) == (
        stats["posts"][CHANNEL],
        stats["thread_roots"][CHANNEL],
        stats["updates"],
    )


async def test_the_stream_tells_each_change() -> None:
    """The present version comes at once, the next one at the next change."""
    changes = ChangeFeed()
    events = change_events(changes)
    first = await anext(events)
    changes.announce()
    second = await anext(events)
    await events.aclose()  # type: ignore[attr-defined]

    assert ('{"version": 0}' in first, '{"version": 1}' in second) == (True, True)
