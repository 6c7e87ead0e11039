"""Nothing that is posted is unfurled."""

from bot import posting
from bot.blocks.text import section
from tests.bot.workspace import SlackWorld
from tests.lab.world import CHANNEL, OPERATOR

WORDS = "See https://example.org/?secret=1"


async def test_whatever_is_posted_unfurls_nothing(lab: SlackWorld) -> None:
    """For all, for one person, to a person, and where something stood."""
    await posting.post(lab.slack, CHANNEL, WORDS, [section(WORDS)])
    await posting.post(lab.slack, OPERATOR, WORDS, None)
    await posting.whisper(lab.slack, CHANNEL, OPERATOR, WORDS, None)
    stood = await lab.slack.chat_postMessage(channel=CHANNEL, text="a card")
    url = lab.response_url(OPERATOR, CHANNEL, str(stood["ts"]))
    await lab.http.post(url, json=posting.replacement(WORDS, None))
    found = (await lab.workspace(OPERATOR))["messages"]

    assert [(WORDS, False)] * 4 == [(one["text"], one["unfurls"]) for one in found]


async def test_a_reply_stands_in_its_thread_with_its_metadata(lab: SlackWorld) -> None:
    """It is found by them again."""
    root = await posting.post(lab.slack, CHANNEL, "root", None)
    key = {"event_type": "x", "event_payload": {"task": "1"}}
    ts = str(root["ts"])
    await posting.post(lab.slack, CHANNEL, "re", None, thread_ts=ts, metadata=key)
    replies = await lab.slack.conversations_replies(
        channel=CHANNEL, ts=ts, include_all_metadata=True
    )

    assert key == replies["messages"][1]["metadata"]
