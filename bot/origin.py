"""
Where a person clicked, if it was not in the task's own thread.

Theory of operation: a click in its thread is answered there, and needs no origin. What
was clicked in a message that is an answer itself (of ``/ops approve``, or in a direct
message), or in Home, brings one. It travels as one word through the modals that are
opened there, is stored with the click, and lies in the row of its answer, so that a
restart loses none.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from bot.blocks.text import mapping_of, texts_of

# As the inbox and the answer name it; storage and orchestrator know it by this.
CLICKED_IN = "clicked_in"
_WORD = "at:"
# Slack's response_url lives that long (payload reference: 30 minutes, five uses).
URL_SECONDS = 30 * 60


class Kind(StrEnum):
    """A message that is an answer itself, for one person; their Home; their words."""

    answer = "answer"
    home = "home"
    typed = "typed"


@dataclass(frozen=True, slots=True)
class Origin:
    """
    ``url`` replaces the message, within ``URL_SECONDS`` of ``at`` (Unix seconds).

    ``home`` says what Home showed; ``others`` are the tasks with a card there.
    """

    kind: Kind
    team: str = ""
    channel: str = ""
    thread_ts: str = ""
    url: str = ""
    at: float = 0.0
    home: str = ""
    others: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Give it as one word among the values of a modal."""
        return _WORD + urlsafe_b64encode(json.dumps(self.facts()).encode()).decode()

    def facts(self) -> Mapping[str, object]:
        """Give what is stored of it; nothing of what is empty."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value
        }

    def is_fresh(self, now: float) -> bool:
        """Tell whether its message can still be replaced."""
        return bool(self.url) and now - self.at < URL_SECONDS


def read_origin(facts: object) -> Origin | None:
    """Read what was stored; None of a click in its thread, or of an older release."""
    found = mapping_of(facts)
    if found.get("kind") not in set(Kind):
        return None
    at = found.get("at")
    return Origin(
        Kind(str(found["kind"])),
        at=float(at) if isinstance(at, int | float) else 0.0,
        others=tuple(texts_of(found.get("others"))),
        **{
            name: str(found.get(name) or "")
            for name in ("team", "channel", "thread_ts", "url", "home")
        },
    )


def split_origin(metadata: str) -> tuple[str, Origin | None]:
    """Take an origin's word out of a modal's metadata."""
    words = metadata.split(" ")
    rest = [one for one in words if not one.startswith(_WORD)]
    found = [one for one in words if one.startswith(_WORD)]
    return " ".join(rest), _of_word(found[0]) if found else None


def stored(origin: Origin | None, place: int = 0) -> Mapping[str, object]:
    """
    Give what is stored of it with the click on one target of several.

    One message is replaced once: the answers that follow the first stand below it.
    """
    if origin is None:
        return {}
    return {CLICKED_IN: replace(origin, url="" if place else origin.url).facts()}


def with_origin(metadata: str, origin: Origin | None) -> str:
    """Put an origin's word behind what a modal carries."""
    return f"{metadata} {origin.word}" if origin else metadata


def _of_word(word: str) -> Origin | None:
    try:
        return read_origin(json.loads(urlsafe_b64decode(word.removeprefix(_WORD))))
    except (ValueError, Error):
        return None
