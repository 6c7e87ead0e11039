"""
Values that their key names, in text: JSON however escaped, logfmt, YAML, queries.

What a key says outranks what the value looks like: an API key that is a hex digest is a
secret, and the same digest elsewhere is evidence.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from gateway.redaction.keys import is_display_name, kind_under
from gateway.redaction.plausible import is_value
from gateway.redaction.span import Kind, Policy, Span
from gateway.redaction.unquoted import end_of_secret
from gateway.redaction.unquoted_words import asked_names, name_behind

# A longer one is taken to the end of its line: a quote that nobody closed.
_LONGEST_VALUE = 16_000
_KEY = re.compile(
    r"\b([^\W\d][\w.\-]{0,79}+)(\\{0,7}[\"'])?[ \t]{0,2}(=>|:=|[=:\uff1a])[ \t]{0,40}"
    r"(?=[^\s=])(?!~\\{0,7}[\"'])(\[[ ]?)?(?:(\\{0,7}[\"'])|(?=[^\s\"'\[{]))"
)
# A name and, beside it or on the next line, what it names; the groups are a key's.
_PAIR = re.compile(
    r"\b(?:[nN]ame|[kK]ey)(?:\\{0,7}[\"'])?[ \t]{0,2}[=:][ \t]{0,4}(?:\\{0,7}[\"'])?"
    r"([^\W\d][\w.\-]{0,79}+)(?:\\{0,7}[\"'])?,?(?:\\{1,7}n)?\s{0,40}"
    r"(?:\\{0,7}[\"'])?([vV]alue)(?:\\{0,7}[\"'])?[ \t]{0,2}([=:])[ \t]{0,40}"
    r"(?=[^\s=])(\[[ ]?)?(?:(\\{0,7}[\"'])|(?=[^\s\"'\[{]))"
)
_ASCII_KEY = re.compile(_KEY.pattern, re.ASCII)
_LONGEST_PLAIN = 4_000
_SHORT = re.compile(r"[^\s\"'&;,<>(){}\[\]⟨⟩|]{1,120}")
# Digits that no blank parts; a number that goes on is found by its cue.
_NUMBER = re.compile(
    r"\+?\(?\d(?:[().\-/]{0,2}\d){5,24}+"
    r"(?![\w:]|[ ().\-/]{1,3}\d|[ ]?(?:x|ext|#)|;ext=)"
)
_DOUBLE = re.compile(r"(?:[^\"\\]++|\\[\s\S])++")
# A quote twice is one, in SQL and YAML.
_SINGLE = re.compile(r"(?:[^'\\\n]++|\\.|''(?=[\w!-]))++")
# A few lines of an address; an apostrophe further on closes nothing.
_LINES = re.compile(r"(?:[^'\\\n]{1,120}\n){1,6}[^'\\\n]{0,120}(?='(?:[\s,;)\]}]|\Z))")
_NEXT_ITEM = re.compile(r"\\{0,7}[\"']\s{0,3},\s{0,3}(\\{0,7}[\"'])")
# Other kinds go on over blanks, or are found by their own form.
_PLAIN_KINDS = frozenset(
    {
        Kind.IP,
        Kind.USER_ID,
        Kind.BIRTH,
        Kind.CARD,
        Kind.NATIONAL_ID,
        Kind.SECRET,
        Kind.PHONE,
    }
)
_TELLING = re.compile(r"[\d!@#$%^*+/=_~-]")
_CVC = re.compile(r"(?i:\d{3}cv[cv]2?)")
# A setting's key, of more than one word; where a setting's line begins and ends.
_SETTING = re.compile(r"[^\W_][\w.-]*(?:[._-]|(?<=[a-z])(?=[A-Z]))[\w.-]+")
_LINE_BEGINS = re.compile(
    # a text is searched behind its key (``find_under``)
    r"(?:[A-Za-z_][\w.\-]{0,79}=\")?[ \t]*(?:-[ \t]{1,4})?(?:export[ ])?"
)
_LINE_ENDS = re.compile(r"[ \t]*(?:\r?\n|\"?\Z|\#|[\w.-]{1,40}[=:])")
_COLONS = frozenset(":：")  # noqa: RUF001 - Chinese's colon
# What code calls, or looks up, is no secret.
_CALL = re.compile(r"(?:await|new)[ ][A-Za-z_.]{1,80}\(|[A-Za-z_.]{1,80}+[(\[][\"']")
_LONGEST_INDENT = 170
# AWS's name of a secret holds the word before what is no secret.
_WITHIN_ARN = re.compile(r"arn:[a-z-]{3,12}:secretsmanager:[\w-]{0,30}:\d{0,12}:")
_LONGEST_ARN_HEAD = 90
_FEWEST_OF_A_WORD = 6
# What is said of a secret, and is none.
_STATE = re.compile(
    r"(?i:\w+(?:ed|ing)|valid|invalid|unset|set|empty|wrong|ok|okay|bad|incorrect|correct"
    r"|absent|present|default|denied|failure|error|mismatch|unauthorized|forbidden"
    r"|stale|new|old|reset|yes|no|not|found|given|basic|bearer|token|password|secret)"
)
# Of these nobody makes a password; others of a state people do (``secret``, ``old``).
_OUTCOME = re.compile(
    r"(?i:expired|revoked|invalid|incorrect|missing|absent|rejected|refused|denied"
    r"|mismatch|unset|empty|unauthorized|forbidden|required|unknown|failed|undefined)"
)
_OF_A_PASSWORD = re.compile(r"(?i:passwo?r?d|pwd|passphrase|secret|api[_-]?key)\Z")
# Behind these a plain word is no secret: ``cookie: consent``.
_OF_HTTP = re.compile(r"(?i:cookie|authorization)\Z")
# A certificate's or a registry's secret is named here, in Kubernetes.
_OBJECT = re.compile(r"(?i:(?:tls|ssl|cert|certificate|ca|pull|ingress)[_-]?secret)")
_OBJECTS_NAME = re.compile(r"[a-z]+(?:-[a-z]+)+")
# What goes on over blanks: to the end of a line that is a key's alone, as YAML's.
_LINE_KINDS = frozenset({Kind.NAME, Kind.ADDRESS})
_WHOLE_LINE = re.compile(
    r"([^\n\r#⟨⟩={}\[\]\"]{2,120}?)[ \t]{0,80}(?=\r?\n|\"?\Z|[ ]\#)"
)
# What says of a name or an address that it is none; where another field begins.
_COMPLAINT = re.compile(
    r"\b(?:is|was|must|may|can|cannot|could|should|failed|error|timeout|refused|denied"
    r"|found|required|invalid|unknown|missing|lookup|dial)\b"
)
_NEXT_FIELD = re.compile(r"(?:[ \t]+|[,;]\s*+)[A-Za-z_][\w.-]{0,40}[:=][ \t]*")
_MOST_WORDS = {Kind.NAME: 4, Kind.ADDRESS: 16}


def keyed(
    text: str, policy: Policy, lines: Iterable[tuple[int, int]]
) -> Iterator[Span]:
    """
    Give the values of the telling keys in these lines, in order; values go on.

    Then those that a name beside them names.
    """
    if not any(sign in text for sign in "=:："):  # noqa: RUF001 - Chinese's colon
        return
    key = _ASCII_KEY if text.isascii() else _KEY
    hits = chain.from_iterable(key.finditer(text, *line) for line in lines)
    yield from _values(text, policy, hits)
    if "ame" in text or "AME" in text:
        yield from asked_names(text)
    if "alue" in text:
        yield from _values(text, policy, _PAIR.finditer(text))


def _values(text: str, policy: Policy, hits: Iterable[re.Match[str]]) -> Iterator[Span]:
    hidden = 0
    for hit in hits:
        if hit.start() < hidden:
            continue
        kind = kind_under(hit[1], policy)
        if kind is None or is_display_name(hit[1]) or _is_in_arn(text, hit.start()):
            continue
        if hit[5]:
            for start, end in _quoted(text, hit.end(), hit[5], is_list=bool(hit[4])):
                if is_value(kind, text[start:end], hit[1]):
                    yield Span(start, end, kind)
        elif kind in _PLAIN_KINDS:
            span, hidden = _plain(text, hit, kind)
            if span is not None:
                yield span
        elif kind in _LINE_KINDS:
            yield from _words(text, hit, kind)


def _words(text: str, hit: re.Match[str], kind: Kind) -> Iterator[Span]:
    """Give an unquoted name or address: the rest of a line, or a name right behind."""
    if hit[3] == ":" and hit[2] is None and _begins_its_line(text, hit.start()):
        return _whole_line(text, hit, kind)
    if kind is Kind.NAME and hit[3] == "=" and hit.end() == hit.end(3):
        return name_behind(text, hit.end(), hit[1])
    return iter(())


def _is_in_arn(text: str, place: int) -> bool:
    if not text.startswith(":", place - 1):
        return False
    head = text[max(0, place - _LONGEST_ARN_HEAD) : place]
    start = head.rfind("arn:")
    return start >= 0 and _WITHIN_ARN.fullmatch(head, start) is not None


def _plain(text: str, hit: re.Match[str], kind: Kind) -> tuple[Span | None, int]:
    """Give an unquoted value, and up to where no other key tells more."""
    start = hit.end()
    is_code = kind is Kind.SECRET and _is_no_value(text, hit)
    end = None if is_code or hit[3] == ":=" else _end_of_plain(text, start, kind)
    if end is None:
        return None, 0
    value = text[start:end]
    # no prose is so long; and what is would be read again for each key within
    is_long = end - start >= _LONGEST_PLAIN
    if value and (is_long or _is_plain_value(kind, value, hit, end)):
        return Span(start, end, kind), end
    # where nothing tells, nothing within does
    return None, 0 if _TELLING.search(value) else end


def _end_of_plain(text: str, start: int, kind: Kind) -> int | None:
    if kind is Kind.SECRET:
        return end_of_secret(text, start)
    plain = (_NUMBER if kind is Kind.PHONE else _SHORT).match(text, start)
    if plain is None:
        return None
    if text[plain.end() : plain.end() + 1] in {'"', "'"}:
        # Backslashes before a quote are the quote's, in JSON within a string.
        return start + len(plain[0].rstrip("\\"))
    return plain.end()


def _quoted(
    text: str, start: int, quote: str, *, is_list: bool
) -> Iterator[tuple[int, int]]:
    """Give the value, or the values of a list."""
    while True:
        end = _end_of_quoted(text, start, quote)
        if end is None:
            return
        yield start, end
        following = _NEXT_ITEM.match(text, end) if is_list else None
        if following is None:
            return
        start, quote = following.end(), following[1]


def _end_of_quoted(text: str, start: int, quote: str) -> int | None:
    """Give where a value ends; one that is cut off ends with its line."""
    if len(quote) > 1:
        end = text.find(quote, start, start + _LONGEST_VALUE)
    elif quote == "'" and (lines := _LINES.match(text, start)):
        end = lines.end()
    else:
        found = (_DOUBLE if quote == '"' else _SINGLE).match(text, start)
        end = start if found is None else found.end()
        if end < len(text) and text[end] != quote:
            end = -1
    if end == -1 or end - start > _LONGEST_VALUE:
        line = text.find("\n", start)
        end = len(text) if line == -1 else line
    return end if end > start else None


def _whole_line(text: str, hit: re.Match[str], kind: Kind) -> Iterator[Span]:
    """Give what stands behind a key with which its line begins."""
    line = _WHOLE_LINE.match(text, hit.end())
    if line is None:
        return
    value = _NEXT_FIELD.split(line[1], maxsplit=1)[0].rstrip(" ,;")
    if not is_value(kind, value, hit[1]) or _COMPLAINT.search(value):
        return
    words = value.split()
    is_short = len(words) <= _MOST_WORDS[kind]
    if is_short and (kind is Kind.NAME or len(words) > 1):
        yield Span(line.start(1), line.start(1) + len(value), kind)


def _is_no_value(text: str, hit: re.Match[str]) -> bool:
    """Tell a call behind a key, and prose behind what prose quotes (``"x" : y``)."""
    if _CALL.match(text, hit.end()) is not None:
        return True
    is_apart = bool(hit[2]) and hit[3] == ":" and text[hit.start(3) - 1].isspace()
    return is_apart and text[hit.end() : hit.end() + 1].isalpha()


def _begins_its_line(text: str, place: int) -> bool:
    start = text.rfind("\n", max(0, place - _LONGEST_INDENT), place) + 1
    if start == 0 and place > _LONGEST_INDENT:
        return False
    return _LINE_BEGINS.fullmatch(text, start, place) is not None


def _is_short_secret(value: str, key: str) -> bool:
    """Tell a password of few signs; a count and ``no`` are none."""
    if _CVC.fullmatch(value + key) is not None:
        return True
    is_said = value.isdecimal() or _STATE.fullmatch(value) is not None
    return _OF_A_PASSWORD.search(key) is not None and not is_said


def _is_plain_value(kind: Kind, value: str, hit: re.Match[str], end: int) -> bool:
    """Tell an unquoted value; prose after a colon (``token: expired``) is none."""
    if not is_value(kind, value, hit[1]):
        return False
    if kind is not Kind.SECRET or _OUTCOME.fullmatch(value):
        return kind is not Kind.SECRET
    if hit[3] not in _COLONS or hit[2] is not None:
        return len(value) > 3 or _is_short_secret(value, hit[1])  # noqa: PLR2004
    if len(value) < _FEWEST_OF_A_WORD:
        return _CVC.fullmatch(value + hit[1]) is not None
    if _TELLING.search(value) is not None:
        return not (_OBJECTS_NAME.fullmatch(value) and _OBJECT.search(hit[1]))
    is_setting = _SETTING.fullmatch(hit[1]) or _begins_its_line(hit.string, hit.start())
    return (
        bool(is_setting)
        and _LINE_ENDS.match(hit.string, end) is not None
        and _STATE.fullmatch(value) is None
        and _OF_HTTP.search(hit[1]) is None
    )
