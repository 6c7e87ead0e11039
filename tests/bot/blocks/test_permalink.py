"""Addresses within our own workspace: Slack's own form, and nowhere else."""

from time import time

import pytest
from hypothesis import given

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


def test_words_that_lead_nowhere_tell_their_instants() -> None:
    """In the reader's own zone, as anywhere; a link can hold none."""
    assert "Backup &lt;x&gt; <!date^" in linked("Backup <x> 2023-11-14 02:00 UTC", "")


@given(HOSTILE)
def test_foreign_words_stay_within_their_link(words: str) -> None:
    """They neither end it nor begin another; without words there is none."""
    address = f"{BASE}archives/C0OPS/p12"
    text = linked(words, address)
    label = text.removeprefix(f"<{address}|").removesuffix(">")

    assert harmless(label)
    assert not {"<", ">", "\n"} & set(label)
    assert text in {label, f"<{address}|{label}>"}
