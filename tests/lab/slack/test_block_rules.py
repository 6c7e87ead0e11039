import pytest

from lab.json_object import JsonObject
from lab.slack.block_rules import check_message_blocks
from lab.slack.refusal import SlackRefusal
from tests.lab.world import button, card


def text(content: str, kind: str = "mrkdwn") -> JsonObject:
    return {"type": kind, "text": content}


BAD = {
    "section without words": {"type": "section"},
    "section too long": {"type": "section", "text": text("x" * 3001)},
    "eleven fields": {"type": "section", "fields": [text("x")] * 11},
    "field too long": {"type": "section", "fields": [text("x" * 2001)]},
    "empty text": {"type": "section", "text": text("")},
    "header in mrkdwn": {"type": "header", "text": text("x")},
    "header too long": {"type": "header", "text": text("x" * 151, "plain_text")},
    "eleven in context": {"type": "context", "elements": [text("x")] * 11},
    "no actions": {"type": "actions", "elements": []},
    "button without text": {"type": "actions", "elements": [{"type": "button"}]},
    "button in green": {"type": "actions", "elements": [button("a", style="green")]},
    "value too long": {"type": "actions", "elements": [button("a", "x" * 2001)]},
    "twice one action": {"type": "actions", "elements": [button("a"), button("a")]},
    "image without alt": {"type": "image", "image_url": "https://x.example/i.png"},
    "unknown block": {"type": "hologram"},
    "rich text of what": {"type": "rich_text", "elements": [{"type": "poem"}]},
    "block_id too long": {"type": "divider", "block_id": "x" * 256},
    "not an object": "divider",
}


@pytest.mark.parametrize("block", BAD.values(), ids=BAD.keys())
def test_refuses_bad_blocks(block: object) -> None:
    """Each is invalid_blocks, with a message that points at the place."""
    with pytest.raises(SlackRefusal) as refused:
        check_message_blocks([block])

    assert "invalid_blocks" == refused.value.code
    assert "json-pointer:/blocks/0" in refused.value.messages[0]


def test_refuses_a_block_id_twice() -> None:
    """block_id is unique in a message."""
    divider = {"type": "divider", "block_id": "d"}

    with pytest.raises(SlackRefusal):
        check_message_blocks([divider, divider])


def test_accepts_a_proposal_card() -> None:
    """What the product sends passes."""
    blocks = [
        {"type": "header", "text": text("Turn it off", "plain_text")},
        *card(button("approve", style="primary"), button("reject", style="danger")),
        {"type": "context", "elements": [text("needs 1")]},
        {"type": "divider"},
    ]

    assert blocks == check_message_blocks(blocks)
