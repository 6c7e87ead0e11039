"""
Shorten a text so that it says how much is gone, and cuts nothing in two.

An escape, a link, a mention, a date, a code span, and what one sees as one sign stay
whole: half of an escape shows as junk, half of a link as its address, and a code span
that is left open swallows what stands behind it.
"""

import re
import unicodedata

# What mrkdwn reads as one: fenced and inline code, <…>, an escape.
_MRKDWN = re.compile(
    r"```.*?```|`[^`\n]+`|<[^<>\n]+>|&(?:amp|lt|gt);|:[a-z0-9_+'-]{1,50}:", re.DOTALL
)
_JOINER = "\u200d"
_FLAGS = range(0x1F1E6, 0x1F200)
_TONES = range(0x1F3FB, 0x1F400)
_SURROGATES = range(0xD800, 0xE000)


def shorten(text: str, most: int, *, mrkdwn: bool) -> str:
    """
    Give ``text`` in at most ``most`` signs; what is cut off ends in "… (N more)".

    N counts signs of ``text``. Where not even that has room it is "…" alone.
    """
    if len(text) <= most:
        return text
    room = most - len(_more(len(text)))
    if room < 0:
        return "…"[:most]
    kept = text[: _end(text, room, mrkdwn=mrkdwn)].rstrip()
    return kept + _more(len(text) - len(kept)).removeprefix("" if kept else " ")


def _more(left: int) -> str:
    return f" … ({left:,} more)"


def _end(text: str, room: int, *, mrkdwn: bool) -> int:
    """Give the last place up to ``room`` that lies within nothing that is one."""
    end = room
    if mrkdwn:
        for found in _MRKDWN.finditer(text):
            if found.start() >= end:
                break
            if found.end() > end:
                end = found.start()
                break
    while end > 0 and not _is_between(text[end - 1], text[end : end + 1]):
        end -= 1
    return end


def _is_between(before: str, after: str) -> bool:
    """Tell whether two signs are not parts of one that is seen."""
    if not after:
        return True
    if _JOINER in (before, after) or unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return False
    code = ord(after)
    if code in _TONES or code in range(0xE0020, 0xE0080):
        return False
    return not (code in _SURROGATES or (code in _FLAGS and ord(before) in _FLAGS))
