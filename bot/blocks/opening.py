"""The form that opens a task."""

import re
from collections.abc import Mapping

from bot.blocks.inputs import line_block, read_words, words_block
from bot.blocks.text import plain_text

OPEN_CALLBACK = "open:submit"
_MOST_TITLE = 300
_SERVICE = re.compile(r"[a-z][a-z0-9-]{1,60}")


def open_view(words: str) -> Mapping[str, object]:
    """``words`` are proposed as what is wrong: the message that it is opened from."""
    said = " ".join(words.split())[:_MOST_TITLE]
    return {
        "type": "modal",
        "callback_id": OPEN_CALLBACK,
        "title": plain_text("Open a task", most=24),
        "submit": plain_text("Open", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [
            line_block("title", "What is wrong?", "Replies are slow", initial=said),
            line_block("service", "Service", "discourse, if you know", required=False),
            words_block("more", "What else is known?", "Helps the agent to begin"),
        ],
    }


def read_from(values: Mapping[str, object]) -> tuple[str, str | None]:
    """Give title and service; a service that no system has is none."""
    service = read_words(values, "service").lower()
    known = service if _SERVICE.fullmatch(service) else None
    return read_words(values, "title") or "Something is wrong", known
