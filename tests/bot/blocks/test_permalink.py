"""Addresses within our own workspace: Slack's own form, and nowhere else."""

from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.permalink import linked, permalink
from storage.threads import Place
from tests.bot.blocks.facts import HOSTILE, harmless
from tests.bot.workspace import slack_of
from tests.bot.world import BASE
from tests.lab.world import CHANNEL


async def test_it_is_what_slack_itself_gives() -> None:
    """Of a root and of a reply, as chat.getPermalink says."""
    async with slack_of(time) as lab:
        root = (await lab.slack.chat_postMessage(channel=CHANNEL, text="a"))["ts"]
        reply = (
            await lab.slack.chat_postMessage(channel=CHANNEL, text="b", thread_ts=root)
        )["ts"]
        known = [
            (await lab.slack.chat_getPermalink(channel=CHANNEL, message_ts=one))[
                "permalink"
            ]
            for one in (root, reply)
        ]

    assert known == [
        permalink(BASE, Place(CHANNEL, one, root)) for one in (root, reply)
    ]


@pytest.mark.parametrize(
    ("base", "channel", "ts"),
    [
        ("", "C0OPS", "1.2"),
        ("http://genme.slack.com/", "C0OPS", "1.2"),
        ("https://genme.slack.com/|x>", "C0OPS", "1.2"),
        (BASE, "C0OPS/../x", "1.2"),
        (BASE, "C0OPS", "1.2>"),
    ],
)
def test_what_is_odd_has_no_address(base: str, channel: str, ts: str) -> None:
    """Rather no link than one that leads elsewhere."""
    assert "" == permalink(base, Place(channel, ts, None))


@given(HOSTILE, st.sampled_from(["", f"{BASE}archives/C0OPS/p12"]))
def test_foreign_words_stay_within_their_link(words: str, address: str) -> None:
    """They neither end it nor begin another; without words there is none."""
    text = linked(words, address)
    label = text.removeprefix(f"<{address}|").removesuffix(">") if address else text

    assert harmless(label)
    assert not {"<", ">", "\n"} & set(label)
    assert text in {label, f"<{address}|{label}>"}
