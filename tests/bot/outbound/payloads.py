"""Messages that do not fit into Slack, and what of them must never change."""

from collections.abc import Iterator, Mapping

from bot.blocks.text import Block

DIGEST = "9" * 64
WHOLE = ("value", "action_id", "block_id", "url")


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, **more: object) -> Block:
    return {"type": "section", "text": mrkdwn(text), **more}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(one) for one in texts]}


def actions(at: object = 0, label: str = "Approve") -> Block:
    """Give the buttons of a card: what runs is in their values."""
    button = {
        "type": "button",
        "action_id": "proposal:approve",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "value": f"{at}:{DIGEST}",
    }
    return {"type": "actions", "block_id": f"decide:{at}", "elements": [button]}


def modal(*blocks: Block, **more: object) -> Block:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Decide"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": list(blocks),
        **more,
    }


def clickable(value: object) -> Iterator[object]:
    """Give what clicks carry, in order: buttons whole, ids."""
    if isinstance(value, list):
        for one in value:
            yield from clickable(one)
    elif isinstance(value, Mapping):
        if value.get("type") == "button":
            yield value
        for name in WHOLE:
            if name in value:
                yield value[name]
        for one in value.values():
            yield from clickable(one)


def texts_in(value: object) -> list[str]:
    """Give every text of blocks, in order."""
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    if isinstance(value, Mapping):
        said = [value["text"]] if isinstance(value.get("text"), str) else []
        return said + [text for one in value.values() for text in texts_in(one)]
    return []
