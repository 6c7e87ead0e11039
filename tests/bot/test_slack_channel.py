"""One workspace as the courier needs it: an answer is a value or one of two errors."""

import pytest

from bot.blocks.root import Rendered
from bot.blocks.text import section
from bot.outbound.client import OutboundClient
from bot.outbound.gate import Gate
from bot.slack_channel import Key, SlackAway, SlackChannel, SlackRefused
from tests.lab.world import CHANNEL, World

MESSAGE = Rendered("hello", [section("hello")])
KEY = Key("task 1", "root")


@pytest.fixture
def slack(lab: World) -> SlackChannel:
    return SlackChannel(lab.slack)


async def test_a_message_is_found_by_its_key(slack: SlackChannel) -> None:
    """In the channel or in its thread, and no other key's is."""
    root = await slack.post(CHANNEL, MESSAGE, thread_ts=None, key=KEY)
    card = Key("task 1", "proposal:1")
    reply = await slack.post(CHANNEL, MESSAGE, thread_ts=root, key=card)
    since = float(root) - 60

    assert root == await slack.find(CHANNEL, KEY, thread_ts=None, since=since)
    assert reply == await slack.find(CHANNEL, card, thread_ts=root, since=since)
    other = Key("task 2", "root")
    assert await slack.find(CHANNEL, other, thread_ts=None, since=since) is None


async def test_no_link_is_ever_unfurled(slack: SlackChannel, lab: World) -> None:
    """Slack would fetch it, and tell its owner what stands in the address."""
    await slack.post(CHANNEL, MESSAGE, thread_ts=None, key=KEY)
    await lab.slack.chat_postMessage(channel=CHANNEL, text="hello")
    found = (await lab.workspace())["messages"]

    assert [False, True] == [one["unfurls"] for one in found]


async def test_a_message_on_a_later_page_is_found(slack: SlackChannel) -> None:
    """A busy channel hides nothing: pages are followed to the end."""
    root = await slack.post(CHANNEL, MESSAGE, thread_ts=None, key=KEY)
    for number in range(120):
        key = Key("noise", str(number))
        await slack.post(CHANNEL, MESSAGE, thread_ts=None, key=key)

    assert root == await slack.find(
        CHANNEL, KEY, thread_ts=None, since=float(root) - 60
    )


async def test_an_edit_keeps_the_key(slack: SlackChannel) -> None:
    """An edited message is still found."""
    root = await slack.post(CHANNEL, MESSAGE, thread_ts=None, key=KEY)
    await slack.edit(CHANNEL, root, Rendered("new", [section("new")]))

    assert root == await slack.find(
        CHANNEL, KEY, thread_ts=None, since=float(root) - 60
    )


async def test_what_slack_never_takes_is_refused(lab: World) -> None:
    """A channel that is not there; blocks that are none, which production sends."""
    slack = SlackChannel(OutboundClient(lab.slack, Gate(strict=False)))
    wrong = Rendered("x", [{"type": "section"}])

    with pytest.raises(SlackRefused, match="channel_not_found"):
        await slack.post("C0NOWHERE", MESSAGE, thread_ts=None, key=KEY)
    with pytest.raises(SlackRefused, match="invalid_blocks"):
        await slack.post(CHANNEL, wrong, thread_ts=None, key=KEY)


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"kind": "http_429", "retry_after": 42}, 42.0),
        ({"kind": "http_429", "retry_after": 0}, 1.0),
        ({"kind": "http_500"}, None),
        ({"kind": "reset_before"}, 1.0),
        ({"kind": "reset_after"}, 1.0),
    ],
)
async def test_what_passes_is_away(
    slack: SlackChannel, lab: World, fault: dict[str, object], seconds: float | None
) -> None:
    """With how long to wait; on 429 as long as Slack says."""
    await lab.post("/lab/faults", {"method": "chat.postMessage", **fault})

    with pytest.raises(SlackAway) as caught:
        await slack.post(CHANNEL, MESSAGE, thread_ts=None, key=KEY)
    assert seconds in {None, caught.value.retry_seconds}
    assert caught.value.retry_seconds >= 1.0


async def test_a_picture_is_given_to_slack(slack: SlackChannel, lab: World) -> None:
    """Once it has it, its id stands for it."""
    file_id = await slack.upload(b"\x89PNG", alt="a series")

    assert b"\x89PNG" == (await lab.http.get(f"/lab/files/{file_id}")).content


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("files.getUploadURLExternal", "http_429"),
        ("files.completeUploadExternal", "http_500"),
        ("files.completeUploadExternal", "reset_before"),
    ],
)
async def test_an_upload_that_fails_may_be_tried_again(
    slack: SlackChannel, lab: World, method: str, kind: str
) -> None:
    """Nothing stands anywhere yet."""
    await lab.post("/lab/faults", {"kind": kind, "method": method})
    with pytest.raises(SlackAway):
        await slack.upload(b"\x89PNG", alt="a series")

    assert await slack.upload(b"\x89PNG", alt="a series")
