"""Text for Slack: everything from outside is escaped, stripped and cut."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.outbound.shorten import shorten

Block = dict[str, object]

# What is not seen hides what a text says, or carries what nobody reads: of Unicode's
# Default_Ignorable_Code_Point those that no category below names.
_HIDDEN = {
    0x034F,
    *range(0x115F, 0x1161),
    *range(0x17B4, 0x17B6),
    *range(0x180B, 0x1810),
    0x3164,
    *range(0xFE00, 0xFE10),
    0xFFA0,
    *range(0xE0100, 0xE01F0),
}
# Controls, bidirectional and zero-width characters; lines that no editor counts.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Slack refuses a message for one empty text, and a thread must not hang on that.
_NOTHING = "…"
# As the other rooms write instants, and ISO 8601 with a zone.
_INSTANT = re.compile(
    r"(?<![\w:.-])(?P<day>\d{4}-\d\d-\d\d)[T ]"
    r"(?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"(?P<zone> ?UTC|Z|[+-]\d\d:\d\d)(?!\w)"
)
_UNTELLABLE = "?"
# As a thread numbers its evidence: "[E1]", "[E1, E2]".
_MARK = re.compile(r"\s*\[\s*E\s*\d+(?:\s*,\s*E?\s*\d+)*\s*\]", re.IGNORECASE)
# Of the 13,200 that Slack takes as a message's blocks (bolt-js issue 2509).
MOST_SIGNS = 13_000
_SECTION_CHARACTERS = 2900  # section.text: 3000 (slack_sdk SectionBlock)


def visible(value: object, *, most: int = 300) -> str:
    """Give foreign text without what is not seen, cut; nothing is escaped."""
    text = "".join(
        char
        for char in str(value)
        if ord(char) not in _HIDDEN
        and (char in "\n\t" or unicodedata.category(char) not in _CATEGORIES)
    )
    return f"{text[: most - 1]}…" if len(text) > most else text


def clean(value: object, *, most: int = 300) -> str:
    """
    Give foreign text as one line of mrkdwn that can neither ping, link nor hide.

    An instant in it that names its zone is told in the reader's own.
    """
    return clean_lines(" ".join(str(value).split()), most=most)


def clean_lines(value: object, *, most: int = 300) -> str:
    """Give foreign text with its lines, where they can't read as our own."""
    return _INSTANT.sub(_told, exact(value, most=most))


def exact(value: object, *, most: int = 300) -> str:
    """Give foreign text with its lines, its instants as they are written."""
    text = visible(value, most=most)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("```", "'''").replace("`", "'")


def _told(found: re.Match[str]) -> str:
    day, time, zone = found.group("day", "time", "zone")
    shift = zone.strip().replace("UTC", "+00:00").replace("Z", "+00:00")
    try:
        at = datetime.fromisoformat(f"{day}T{time}{shift}").timestamp()
    except (ValueError, OverflowError):
        return found[0]
    shown = moment(at)
    return found[0] if shown == _UNTELLABLE else shown


def written(value: object, *, most: int = 300) -> str:
    """Give a value sign for sign; one that is an instant, in the reader's own zone."""
    if _INSTANT.fullmatch(str(value)):
        shown = instant(str(value).replace(" UTC", "Z"))
        return exact(value) if shown == _UNTELLABLE else shown
    return exact(value, most=most)


def claim(value: object, *, most: int = 300) -> str:
    """
    Give what a model says as one line in which nothing is bold or bears a mark.

    A claim with lines, weight and evidence of its own would read as our words.
    """
    text = clean(value, most=most).replace("*", "").replace("~", "")
    while _MARK.search(text):
        text = _MARK.sub("", text)
    return text


def bold(value: object, *, most: int = 200) -> str:
    return f"*{clean(value, most=most).replace('*', '')}*"


def section(text: str, *, block_id: str | None = None) -> Block:
    block: Block = {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": shorten(text, _SECTION_CHARACTERS, mrkdwn=True) or _NOTHING,
            "verbatim": True,
        },
    }
    return block | ({"block_id": block_id} if block_id else {})


def sections(lines: Sequence[str]) -> list[Block]:
    """Give lines in as few sections as hold them whole: a cut would break a link."""
    return [section(text) for text in packed(lines, "\n")]


def packed(parts: Sequence[str], between: str) -> list[str]:
    """Give these in as few texts as hold them whole."""
    texts: list[str] = []
    for one in parts:
        longer = f"{texts[-1]}{between}{one}" if texts else one
        if texts and len(longer) <= _SECTION_CHARACTERS:
            texts[-1] = longer
        else:
            texts.append(one)
    return texts


def context(*texts: str) -> Block:
    return {
        "type": "context",
        "elements": [
            {"type": "mrkdwn", "text": text, "verbatim": True}
            for text in _shortened(texts)[:10] or [_NOTHING]
        ],
    }


def _shortened(texts: Sequence[str]) -> list[str]:
    return [shorten(one, _SECTION_CHARACTERS, mrkdwn=True) for one in texts if one]


def plain_text(text: str, *, most: int) -> dict[str, object]:
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return {"type": "plain_text", "text": cut, "emoji": False}


def clock(at: object) -> str:
    """Give an instant (Unix seconds or ISO 8601) in the reader's own zone."""
    return _date(at, "{time_secs}", "%H:%M:%S UTC")


def moment(at: object) -> str:
    """Give an instant with its day, in the reader's own zone."""
    return _date(at, "{date_short_pretty} {time}", "%Y-%m-%d %H:%M UTC")


def instant(at: object) -> str:
    """Give it to the second, with its day, in the reader's own zone."""
    return _date(at, "{date_short_pretty} {time_secs}", "%Y-%m-%d %H:%M:%S UTC")


def ago(at: object) -> str:
    """Give how long ago it was, as counted where it is read."""
    return _date(at, "{ago}", "%Y-%m-%d %H:%M UTC")


def _date(at: object, tokens: str, otherwise: str) -> str:
    seconds = seconds_of(at)
    if seconds is None:
        return _UNTELLABLE
    try:
        shown = datetime.fromtimestamp(seconds, UTC).strftime(otherwise)
    except (ValueError, OverflowError, OSError):
        # A year that no calendar here has, as of what never ends.
        return _UNTELLABLE
    return f"<!date^{int(seconds)}^{tokens}|{shown}>"


def seconds_of(at: object) -> float | None:
    """Read an instant (Unix seconds or ISO 8601); None if it is none."""
    if isinstance(at, int | float):
        return float(at)
    if isinstance(at, str):
        try:
            return datetime.fromisoformat(at).timestamp()
        except (ValueError, OverflowError):
            return None
    return None


def span(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min" if rest == 0 else f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def texts_of(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def mapping_of(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
