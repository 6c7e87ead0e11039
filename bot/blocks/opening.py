"""The form that opens a task."""

import re
from collections.abc import Mapping, Sequence

from bot.blocks.inputs import line_block, read_words, select_block, words_block
from bot.blocks.text import Block, mapping_of, plain_text
from orchestrator.intake import MOST_TITLE

OPEN_CALLBACK = "open:submit"
ENVIRONMENT = "environment"
_SERVICE = re.compile(r"[a-z][a-z0-9-]{1,60}")
# Slack escapes these three in what people type.
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def unescaped(text: str) -> str:
    """Give words as they were typed."""
    for escaped, plain in _ESCAPED:
        text = text.replace(escaped, plain)
    return text


def words_of(message: Mapping[str, object]) -> str:
    """Give what a message says; integrations say it in attachments alone."""
    attached = message.get("attachments")
    every = [message, *(attached if isinstance(attached, list) else [])]
    for one in map(mapping_of, every):
        parts = [str(one.get(name) or "") for name in ("title", "text")]
        said = " ".join(part for part in parts if part) or one.get("fallback")
        if said:
            return unescaped(str(said))
    return ""


def open_view(
    words: str, environments: Sequence[str] = (), default: str | None = None
) -> Mapping[str, object]:
    """
    ``words`` are proposed as what is wrong: the message that it is opened from.

    Of several environments one is chosen.
    """
    said = " ".join(words.split())[:MOST_TITLE]
    return {
        "type": "modal",
        "callback_id": OPEN_CALLBACK,
        "title": plain_text("Open a task", most=24),
        "submit": plain_text("Open", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [
            line_block("title", "What is wrong?", "Replies are slow", initial=said),
            line_block("service", "Service", "discourse, if you know", required=False),
            *([_environment(environments, default)] if len(environments) > 1 else []),
            words_block("more", "What else is known?", "Helps the agent to begin"),
        ],
    }


def _environment(environments: Sequence[str], default: str | None) -> Block:
    options = {one: one for one in environments}
    return select_block(ENVIRONMENT, "Environment", options, initial=default)


def too_long(title: str) -> str:
    """Say what to do about words that no title holds; "" where it holds them."""
    more = len(title) - MOST_TITLE
    if more <= 0:
        return ""
    said = f"Say it in {MOST_TITLE} signs, {more} fewer than now"
    return f"{said}; its thread takes the rest."


def read_from(values: Mapping[str, object]) -> tuple[str, str | None]:
    """Give title, all that was said, and service; one that no system has is none."""
    service = read_words(values, "service").lower()
    known = service if _SERVICE.fullmatch(service) else None
    said = [read_words(values, name) for name in ("title", "more")]
    return ": ".join(one for one in said if one) or "Something is wrong", known
