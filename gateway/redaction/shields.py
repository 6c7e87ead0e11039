"""
Evidence that no detector may cross: instants, ids, digests, versions, hosts.

Each rule is the written form of a standard or of a well-known tool. One compiled scan
finds all of them; where two begin at one place, the earlier rule wins, so the longer
forms stand first.
"""

import re
from collections.abc import Iterator
from functools import cache

from gateway.redaction.cue import AT_AN_INSTANT, PHONE_CUE_ADJACENT

_HEX = "[0-9a-fA-F]"
_CLOCK = r"[0-2]?\d:[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?"
_ZONE = r"(?:Z|[ ]?[+-]\d\d:?\d\d|[ ](?:UTC|GMT))?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}(?![\w.]*@)"
IPV6 = (
    rf"(?:(?:{_HEX}{{1,4}}:){{7}}{_HEX}{{1,4}}"
    rf"|(?:{_HEX}{{1,4}}:){{1,6}}(?::{_HEX}{{1,4}}){{1,6}}|(?:{_HEX}{{1,4}}:){{2,7}}:)"
)

# A port; not the number that moves to another network.
_PORT = r"ort[ ][1-9]\d{1,4}(?!\w|[ .-]?\d{6})"

# Placeholders first: what stands between the brackets is never looked at again.
PLACEHOLDER = r"⟨[a-z_]{1,20}(?::(?:\d{1,9}|[b-z]{8})(?:-\d{1,3})?)?⟩"

_WITH_DIGIT = (
    # ISO 8601 and RFC 3339, dates with slashes, compact ones
    rf"\d{{4}}[-/]\d\d[-/]\d\d(?:[T _]{_CLOCK}{_ZONE})?(?![\w-])",
    (
        r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
        r"(?:[T_-]?[0-2]\d[0-5]\d(?:[0-5]\dZ?)?)?(?!\d)"
    ),
    # a day with its year first or last
    r"(?:19|20)\d\d\.(?:0[1-9]|1[0-2])\.(?:[0-2]\d|3[01])(?:-\d{1,3})?(?![\w@-]|\.\d)",
    r"(?:[0-2]?\d|3[01])([./])(?:[0-2]?\d|3[01])\1(?:19|20)\d\d(?![\w@-]|[./]\d)",
    # Common Log Format, RFC 1123
    rf"\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d(?:[ ][+-]\d{{4}})?",
    rf"\d\d?[ ]{_MONTH}[ ]\d{{4}}(?:[ ]{_CLOCK}{_ZONE})?",
    # X-Ray, IPv4 with port or mask, a clock
    rf"1-{_HEX}{{8}}-{_HEX}{{24}}(?!\w)",
    rf"{IPV4}(?:[:/]\d{{1,5}})?(?![\w.]*\d)",
    rf"{_CLOCK}{_ZONE}(?![\w:])",
    # a measurement, a series of them, a cron schedule
    r"(?:0|[1-9]\d{0,14})\.\d{5,40}(?![\w.@])",
    r"\d{1,9}\.\d{1,9}(?:[ ]\d{1,9}\.\d{1,9}){2,30}(?![\d-])",
    (
        r"(?:(?:\*|\d\d?)(?:[-,/]\d\d?){0,6}[ ]){4}"
        r"(?:\*|[0-7])(?:[-,/][0-7]){0,6}(?![\w.-])"
    ),
    # Slack's ts; epochs in s, ms, µs, ns from 2001 to 2033
    r"1\d{9}\.\d{6}(?!\d)",
    r"(?<!\d[ ])1\d{9}(?:\d{3}|\d{6}|\d{9})?(?![\d@-])",
    # a 64-bit id in decimal; no number to dial is longer than 15 digits (E.164)
    r"\d{17,64}(?![\w@])",
    # semantic versions
    (
        r"(?!\d{3}\.\d{3}\.\d{3}-\d\d(?![\w.-]))\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,60}(?:\+[0-9A-Za-z.-]{1,60})?"
        r"|\+[0-9A-Za-z.-]{1,60})(?![\w@])"
    ),
)
# W3C traceparent, UUID, MAC, IPv6, hex digests
_WITH_HEX = (
    rf"{_HEX}{{2}}-{_HEX}{{32}}-{_HEX}{{16}}-{_HEX}{{2}}(?!\w)",
    rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?![\w@])",
    rf"{_HEX}{{2}}(?::{_HEX}{{2}}){{5}}(?![\w:])",
    rf"(?={_HEX}{{0,4}}:){IPV6}(?:%\w{{1,15}})?(?:/\d{{1,3}})?(?![\w:])",
    r"(?=\d{0,127}[a-f])(?=[a-f]{0,127}\d)[0-9a-f]{7,128}(?![\w@])",
    r"(?=\d{0,127}[A-F])(?=[A-F]{0,127}\d)[0-9A-F]{8,128}(?![\w@])",
)
# klog, syslog, RFC 1123
_WITH_CAPITAL = (
    rf"P{_PORT}",
    rf"[IWEF]\d{{4}}[ ]{_CLOCK}",
    rf"{_MONTH}[ ](?:[ ]?\d\d?[ ]{_CLOCK}|\d\d?,?[ ]\d{{4}}(?:[ ]{_CLOCK}{_ZONE})?)",
    (
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?"
        rf",?[ ]\d\d?[ -]{_MONTH}[ -]\d{{2,4}}(?:[ ]{_CLOCK}{_ZONE})?"
    ),
)
_WITH_LETTER = (
    rf"p{_PORT}",
    r"sha(?:1|224|256|384|512)[:-][0-9a-f]{7,128}",
    r"arn:[a-z-]{3,12}:[\w-]{1,40}:[\w-]{0,30}:\d{0,12}:[\w/:.*+=,@-]{1,300}",
    r"v\d{1,9}(?:\.\d{1,9}){1,3}(?:[-+][0-9A-Za-z.+-]{1,60})?(?![\w@])",
    # the frame of a URL; what its path and query hold is looked at
    (
        r"(?:https?|wss?|grpc)://(?:[A-Za-z0-9-]{1,63}\.){0,8}[A-Za-z0-9-]{1,63}"
        r"(?::\d{1,5})?(?![\w.-]*:[^\s/]*@|[\w.-]*@)"
    ),
    r"git@[\w.-]{1,200}(?=[:/])",
    # an id with its prefix, as Stripe's
    r"[a-z]{2,8}_(?=[A-Za-z]{0,40}\d)[0-9A-Za-z]{6,60}(?![\w@-])",
)
# Each begins with a sign of its own, so that other places cost next to nothing.
_OTHER = (
    PLACEHOLDER,
    r"@sha(?:1|224|256|384|512):[0-9a-f]{7,128}",
    # within a longer name: the end of a ReplicaSet's pod, a UUID, a date
    r"-[a-f0-9]{6,10}-[a-z0-9]{5}(?![\w@-])",
    rf"-{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?![\w@])",
    r"[-_](?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?![\w-]|[ ]\d)",
    # an instant behind a terminal's colour
    rf"\x1b\[[\d;]{{1,12}}m(?:\d{{4}}-\d\d-\d\d[T ]{_CLOCK}{_ZONE})?",
    r"HTTP/\d(?:\.\d)?\"?[ ]\d{3}(?:[ ](?:\d{1,12}|-)){0,3}(?![\w.-])",
    r"\*(?:/\d{1,2})?(?:[ ](?:\*|\d\d?)(?:[-,/]\d\d?)*){4}(?![\w.-])",
    r"<[@#!][A-Z0-9]{3,20}(?:\|[^>\n]{0,80})?>",
    r"::(?:ffff:)?(?:" + IPV4 + r"|" + _HEX + r"{1,4})(?!\w)",
    # a range of PromQL, its matchers within
    r"\{[a-zA-Z_]\w{0,60}(?:=~|!~|!=|=)\"[^}\n]{0,400}\}(?:\[[\w:]{1,12}\])?",
    r"\[\d{1,6}(?:ms|s|m|h|d|w|y)(?::[\w]{0,6})?\]",
)
# Of an epoch in seconds; as many as most numbers of North America and India have.
_EPOCH_DIGITS = 10
_CUE_WINDOW = 48
_IP = re.compile(
    rf"(?<![\w.:-])(?:{IPV4}(?![\w.]*\d)|(?={_HEX}{{0,4}}:){IPV6}(?![\w:]))"
)


@cache
def _shield() -> re.Pattern[str]:
    """Build the scan: what a first sign can't begin is not tried there."""
    return re.compile(
        rf"\b(?<![.+%-])(?:(?=\d)(?:{'|'.join(_WITH_DIGIT)})"
        rf"|(?={_HEX}(?:{_HEX}{{6}}|{_HEX}{{0,3}}:|{_HEX}-))(?:{'|'.join(_WITH_HEX)})"
        rf"|(?=[A-Z])(?:{'|'.join(_WITH_CAPITAL)})"
        rf"|(?<!@)(?=[a-z])(?:{'|'.join(_WITH_LETTER)}))"
        rf"|(?=[⟨@\-_\x1bH*<:{{\[])(?:{'|'.join(_OTHER)})"
    )


def shields(text: str) -> Iterator[tuple[int, int]]:
    """Give the stretches of evidence, in order, none within another."""
    for hit in _shield().finditer(text):
        if not _is_dialled(text, *hit.span()):
            yield hit.span()


def begins_evidence(text: str, start: int) -> bool:
    """Tell a place that is evidence's first, if no evidence goes on over it."""
    hit = _shield().match(text, start)
    return hit is not None and not _is_dialled(text, *hit.span())


def _is_dialled(text: str, start: int, end: int) -> bool:
    """Tell ten digits that a cue right before them says are a phone's."""
    if end - start != _EPOCH_DIGITS or not text[start:end].isdecimal():
        return False
    line = text.rfind("\n", max(0, start - _CUE_WINDOW), start) + 1
    before = text[max(line, start - _CUE_WINDOW) : start]
    return (
        PHONE_CUE_ADJACENT.search(before) is not None
        and AT_AN_INSTANT.search(before) is None
    )


def addresses_of_hosts(text: str) -> Iterator[tuple[int, int]]:
    """Give IPv4 and IPv6 addresses, which policy may have redacted."""
    for hit in _IP.finditer(text):
        yield hit.span()
