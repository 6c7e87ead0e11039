"""
Encoded values, decoded once: percent-encoding, JSON's escapes, HTML's, Base64.

A view is the text with its escapes decoded and a map back to where they stood. What is
found in a view counts though it holds no escape itself: the sign before it, or its
key's, may be one (``token%3D…``). Decoding never makes a text longer, so that the whole
stays linear.
"""

import re
from base64 import urlsafe_b64decode
from binascii import Error
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from html import unescape
from itertools import chain

# A percent sign that is encoded again, however often, is one.
_PERCENT = re.compile(r"(?:%(?:25){0,8}[0-9A-Fa-f]{2})++")
_PERCENT_AGAIN = re.compile(r"%(?:25){1,8}(?=[0-9A-Fa-f]{2})")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}"
    r"|(?:\\x[0-9a-fA-F]{2})++|\\[nrt\"/\\]|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|commat"
    r"|plus|quot|lt|gt);"
)
# A quote or a backslash that is escaped hides nothing: the rules know both.
_TELLING_ESCAPE = re.compile(r"\\[uxnrt/]|&(?:#|commat;|plus;|quot;|lt;)")
_BACKSLASHES = re.compile(r"\\+")
# A terminal's colours; signs of Slack and Markdown beside what ends a key.
_COLOUR = re.compile(r"\x1b\[[\d;]{0,16}m")
# Not a metric's pattern: ``secret=~"my-tls.*"``.
_BOLD_KEY = re.compile(r"[*`~](?:[ ]?[:=]|(?<=\w[:=].)(?!(?<==~)[\"']))")
_BOLD = re.compile(r"[*`~]+")
_BASE64 = re.compile(r"\b(?<![+-])[\w+/-]{16,}+={0,2}(?![\w+/=-])", re.ASCII)
# Lines as MIME and PEM break it: whole groups of four, the last line what is left.
_WRAPPED = re.compile(
    r"(?<![\w+/-])(?:(?:[A-Za-z0-9+/]{76}\r?\n)++|(?:[A-Za-z0-9+/]{64}\r?\n)++)"
    r"[A-Za-z0-9+/]{0,76}={0,2}"
)
_FEWEST_SIGNS = 16
_BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_BASE64_SIGNS = bytes(sign if sign in _BASE64_LETTERS else 32 for sign in range(256))
# Base64 of text has capitals and small letters, whatever the text.
_CAPITALS = re.compile(r"[A-Z][^a-z]{0,12}[a-z]|[a-z][^A-Z]{0,12}[A-Z]")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}
_FEWEST_DECODED = 6
# An address may go on over a few lines.
_BEFORE_AND_AFTER = 120


@dataclass(frozen=True, slots=True)
class View:
    """``_places``: where in ``text`` escapes begin; ``_sources``: in the original."""

    text: str
    _base: int
    _places: list[int]
    _lengths: list[int]
    _sources: list[tuple[int, int]]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Give the stretch of the original, escapes whole."""
        return self._start(start), self._end(end)

    def _start(self, place: int) -> int:
        index = bisect_right(self._places, place) - 1
        if index < 0:
            return self._base + place
        beyond = place - self._places[index] - self._lengths[index]
        begins, ends = self._sources[index]
        return begins if beyond < 0 else ends + beyond

    def _end(self, place: int) -> int:
        index = bisect_right(self._places, place - 1) - 1
        if index < 0:
            return self._base + place
        beyond = place - self._places[index] - self._lengths[index]
        return self._sources[index][1] + max(0, beyond)


def views(text: str) -> Iterator[View]:
    """Give the lines that hold escapes, decoded, for each kind of escape."""
    if "%" in text:
        yield from _views(text, _PERCENT, _PERCENT)
    if "\\" in text or "&" in text:
        yield from _views(text, _TELLING_ESCAPE, _ESCAPE)


def dressed(text: str) -> Iterator[View]:
    """Give the lines whose keys are coloured or bold, without these signs."""
    if "\x1b[" in text:
        yield from _views(text, _COLOUR, _COLOUR, _nothing)
    if "*" in text or "`" in text or "~" in text:
        yield from _views(text, _BOLD_KEY, _BOLD, _nothing)


def escaped_json(text: str) -> Iterator[View]:
    """Give the lines that hold JSON as a string of JSON does, read as JSON again."""
    if '\\"' not in text:
        return
    for pattern, times in _escaped().items():
        yield from _views(text, pattern, _BACKSLASHES, partial(_fewer, times))


def base64_values(text: str) -> Iterator[tuple[int, int, str]]:
    """Give what decodes to text: its place, and the text."""
    if not _may_hold_base64(text):
        return
    wrapped = _WRAPPED.finditer(text) if "\n" in text else ()
    for hit in chain(wrapped, _BASE64.finditer(text)):
        if _CAPITALS.search(hit[0]) is None:
            continue
        decoded = _decode_base64(hit[0])
        if len(decoded) >= _FEWEST_DECODED and _is_text(decoded):
            yield *hit.span(), decoded


def _may_hold_base64(text: str) -> bool:
    """Tell a long word of capitals and small letters; of a broken one any line may."""
    if not text.isascii():
        return True
    words = text.encode().translate(_BASE64_SIGNS).split()
    long = [word for word in words if len(word) >= _FEWEST_SIGNS]
    if "\n" in text:
        return long != []
    return not all(word.islower() or word.isupper() for word in long)


def _decode_base64(value: str) -> str:
    """Decode UTF-8, else what Windows and old systems write; empty if it is none."""
    sign = value.rstrip("=").replace("+", "-").replace("/", "_").replace("\n", "")
    sign = sign.replace("\r", "")
    try:
        raw = urlsafe_b64decode(sign + "=" * (-len(sign) % 4))
    except (Error, ValueError):
        return ""
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(raw) > _FEWEST_DECODED and not any(raw[start::2]):
            return raw.decode(encoding, "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@cache
def _escaped() -> dict[re.Pattern[str], int]:
    """Give how JSON begins in a string, and what divides its backslashes."""
    return {
        re.compile(rf'[{{\[](?:\\{{{times}}}[nrt]|\s){{0,20}}\\{{{times - 1}}}"'): times
        for times in (2, 4, 8, 16)
    }


def _nothing(_dress: str) -> str:
    return ""


def _fewer(times: int, backslashes: str) -> str:
    return "\\" * (len(backslashes) // times)


def _views(
    text: str,
    telling: re.Pattern[str],
    pattern: re.Pattern[str],
    decode: Callable[[str], str] | None = None,
) -> Iterator[View]:
    """Give each line that holds telling escapes with a little of its neighbours."""
    hit = telling.search(text)
    while hit is not None:
        start = text.rfind("\n", 0, max(0, hit.start() - _BEFORE_AND_AFTER)) + 1
        end = text.find("\n", hit.end() + _BEFORE_AND_AFTER)
        end = len(text) if end == -1 else end
        yield _view(text, (start, end), pattern, decode or _decode)
        hit = telling.search(text, end)


def _view(
    text: str,
    within: tuple[int, int],
    pattern: re.Pattern[str],
    decode: Callable[[str], str],
) -> View:
    start, end = within
    parts: list[str] = []
    places: list[int] = []
    lengths: list[int] = []
    sources: list[tuple[int, int]] = []
    place, last = 0, start
    for hit in pattern.finditer(text, start, end):
        decoded = decode(hit[0])
        literal = text[last : hit.start()]
        place += len(literal)
        parts += (literal, decoded)
        places.append(place)
        lengths.append(len(decoded))
        sources.append(hit.span())
        place += len(decoded)
        last = hit.end()
    parts.append(text[last:end])
    return View("".join(parts), start, places, lengths, sources)


def _decode(escape: str) -> str:
    if escape.startswith("%"):
        return _bytes(_PERCENT_AGAIN.sub("%", escape).replace("%", ""))
    if escape.startswith("&"):
        return unescape(escape)
    if escape.startswith("\\x"):
        return _bytes(escape.replace("\\x", ""))
    if escape.startswith("\\u"):
        units = bytes.fromhex(escape.replace("\\u", ""))
        return units.decode("utf-16-be", "replace")
    return _CONTROL.get(escape[1], escape[1])


def _bytes(digits: str) -> str:
    raw = bytes.fromhex(digits)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _is_text(decoded: str) -> bool:
    """Tell text, line ends and tabs within, from bytes that happen to decode."""
    return decoded.translate({9: 32, 10: 32, 13: 32}).isprintable()
