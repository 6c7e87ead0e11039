"""Path segments: one argument is one segment, whatever is in it."""

from urllib.parse import quote

from gateway.ports import NothingSent, Unreadable

_MOST_SHOWN = 60


class NoSegment(NothingSent, Unreadable):
    """An argument that would change which path is asked; nothing was sent."""


def segment(text: str) -> str:
    """
    Percent-encode all of a segment, slashes among it.

    Raises:
        NoSegment: empty, or ``.`` or ``..``, which no encoding keeps from being one.
    """
    if text in {"", ".", ".."}:
        raise NoSegment(f"{text[:_MOST_SHOWN]!r} can be no part of a path")
    return quote(text, safe="")
