# ruff: noqa: RUF001 - signs that stand for - and +
"""
Phone numbers: international ones validated, national ones where something says so.

International (``+``, ``00``, RFC 3966's ``tel:``) are checked against libphonenumber's
metadata. A national number is undecidable from its digits alone; it counts when a cue
word or a key says so, when it fills a quoted or keyed value in a written form of phone
numbers, or when its form alone is one that nothing else has. Bare digits without any of
these are left, unless policy names a region in which they are valid.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from gateway.redaction.cue import (
    PHONE_CUE,
    PHONE_CUE_ADJACENT,
    PHONE_CUE_AFTER,
    PHONE_HASH,
    PHONE_LETTER,
    REACHED_BY,
    REACHING,
    is_measure,
    is_phone_key,
    key_before,
)
from gateway.redaction.hint import Hint, hints
from gateway.redaction.span import Taken

# E.164: at most 15 digits; the shortest international numbers have 6 with their code,
# and those that are possible but not known to be valid 7.
_MOST_DIGITS, _FEWEST_DIGITS, _FEWEST_POSSIBLE = 15, 6, 7
_FEWEST_NATIONAL = 5
# Longer ones are two numbers, or none: libphonenumber's longest national number.
_MOST_NATIONAL = 14
_MOST_GROUPS = 6
# Fewer digits before a group with a 0 are a code and not a number of their own.
_FEWEST_APART = 9
# Fewer digits beside each other are not two numbers.
FEWEST_OF_TWO = _FEWEST_APART + _FEWEST_NATIONAL
_CUE_WINDOW = 64
_LETTER_WINDOW = 6
_FEWEST_LETTERED, _MOST_LETTERED = 9, 12
_BEHIND_A_LETTER = frozenset(":. ")
_LINE_WINDOW = 240
# Each validation costs tens of microseconds; past this many in one text the form alone
# decides, for redaction and against the text.
_MOST_VALIDATIONS = 2_000

# What nobody sees, for a class of signs: joiners and marks of direction.
_INVISIBLE = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
BETWEEN_DIGITS = rf"[ \u00a0\u2009\u202f().\-‐‑–－（）/{_INVISIBLE}]"
_SEPARATOR = BETWEEN_DIGITS
_ONE_TO_NINE = "[1-9１-９١-٩۱-۹१-९]"
_PLUS = re.compile(
    rf"(?<![\w+])(?:\+|＋){_SEPARATOR}{{0,2}}{_ONE_TO_NINE}(?:{_SEPARATOR}{{0,3}}\d){{5,20}}"
)
_ZEROS = re.compile(
    rf"0(?<![\w.+,:/-].)0{_SEPARATOR}{{0,2}}[1-9](?:{_SEPARATOR}{{0,3}}\d){{6,18}}(?!\w)"
)
# The colon first: there are fewer of them than letters.
_TEL = re.compile(
    r":(?=[+\d(])(?:(?<=\b(?i:tel|sms|fax):)|(?<=\b(?i:callto):))(\+?[\d(](?:[().\-]{0,2}\d){2,20}"
    r"(?:;(?:ext|isub|phone-context)=[\w.+%-]{1,40}){0,3})"
)
_NATIONAL = re.compile(
    rf"([\d(](?<![\w.,:/+$€£%@‑-].)(?<!\d[ ].)(?:{_SEPARATOR}{{0,2}}\d){{4,60}})"
    r"(?!\w|[.,:/%-]\d|[ ]?[%°])"
)
_VALUE_NATIONAL = re.compile(
    rf"[=:\"'>]([\d(](?:{_SEPARATOR}{{0,2}}\d){{4,60}})(?!\w|[.:/%-]\d|[ ]?[%°])"
)
_EXTENSION = re.compile(r"(?:[ ]?(?:x|ext\.?|#)|;ext=)[ ]?\d{1,6}\b")
_UNIT = re.compile(
    r"[ ]?(?:ms|s|sec|seconds?|minutes?|min|hours?|days?|[µn]s|[kKMGT]i?B|bytes?|rows?"
    r"|items?|records?|messages?|requests?|times|lines?|errors?|retries|x"
    r"|connections?|evicted|keys?|packets?|events?|tokens?|files?|sessions?|processed"
    r"|imported|dropped|written|took)\b"
)
# Written forms that hardly anything but a phone number has.
_OWN_FORM = re.compile(
    r"\(0?\d{1,5}\)[ ]?\d{2,4}[ -]?\d{2,5}(?:[ -]\d{2,5})?"
    r"|(?:1-)?[2-9]\d\d-[2-9]\d\d-\d{4}|\d[ ]\(\d{3,5}\)[ ]\d[\d -]{4,10}\d"
    r"|0\d{1,4}[ -/]\d{2,4}(?:[ -]\d{2,4}){1,4}|0\d{2,5}[ -/]\d{5,8}"
)
# A version, or the date of a range; no phone is written so without a cue of its own.
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){2}")
# A dump goes on in hex.
_HEX_AFTER = re.compile(
    r"[ ](?=[0-9a-f]*[a-f])(?=[a-f]*\d)(?:[0-9a-f]{4}|[0-9a-f]{2})\b"
)
_DECIMAL = re.compile(r"\d+\.\d+")
_GROUPS = re.compile(r"\d+")


def has_international_form(text: str) -> bool:
    """Tell a text that may hold a number with its country's code."""
    return (
        (("+" in text or "＋" in text) and _PLUS.search(text) is not None)
        or ("00" in text and _ZEROS.search(text) is not None)
        or (":" in text and _TEL.search(text) is not None)
    )


def international_phones(text: str, taken: Taken) -> Iterator[tuple[int, int]]:
    """Give numbers with their country's code, each free of what is taken."""
    validator = _Validator()
    if "+" in text or "＋" in text:
        for hit in _PLUS.finditer(text):
            end = validator.longest(text, *hit.span(), prefix="+")
            if end and taken.is_free(hit.start(), end):
                yield hit.start(), _with_extension(text, end)
    if "00" in text:
        for hit in _ZEROS.finditer(text):
            end = validator.longest(text, *hit.span(), prefix="00")
            if end and taken.is_free(hit.start(), end):
                yield hit.start(), end
    if ":" in text:
        for hit in _TEL.finditer(text):
            if taken.is_free(*hit.span(1)):
                yield hit.span(1)


def begins_national(
    text: str, start: int, *, has_cue: bool, is_evidence: Callable[[str, int], bool]
) -> bool:
    """Tell a digit that begins a number without its country's code, and no evidence."""
    if is_evidence(text, start):
        return False
    value = _VALUE_NATIONAL.match(text, start - 1) if start else None
    for hit in (value, _NATIONAL.match(text, start)):
        for part in _apart(text, *hit.span(1)) if hit is not None else ():
            if _is_national(text, *_balanced(text, *part), has_cue=has_cue):
                return True
    return False


def national_phones(
    text: str,
    taken: Taken,
    regions: tuple[str, ...],
    *,
    has_cue: bool,
    is_evidence: Callable[[str, int], bool] | None = None,
) -> Iterator[tuple[int, int]]:
    """
    Give numbers without their country's code, each free of what is taken.

    The same number may be given twice. ``has_cue``: one of ``PHONE_STEMS`` is somewhere
    in the text. ``is_evidence`` tells a place where a number is none for sure, where
    evidence isn't taken yet.
    """
    validator = _Validator()
    for pattern in (_VALUE_NATIONAL, _NATIONAL):
        for hit in pattern.finditer(text):
            is_known = is_evidence is not None and is_evidence(text, hit.start(1))
            if is_known and _is_one(hit[1]):
                continue
            for first, last in _apart(text, *hit.span(1)):
                start, end = _balanced(text, first, last)
                if not taken.is_free(start, end) or (
                    is_evidence is not None and is_evidence(text, start)
                ):
                    continue
                if _is_national(text, start, end, has_cue=has_cue) or (
                    text[start - 1 : start] != "#"
                    and any(validator.is_valid(text[start:end], one) for one in regions)
                ):
                    yield start, _with_extension(text, end)


def _is_one(number: str) -> bool:
    """Tell digits of which no part but the first could be a number."""
    return (
        len(number) < FEWEST_OF_TWO
        or sum(map(len, _GROUPS.findall(number))) < FEWEST_OF_TWO
    )


def _apart(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Part numbers that only blanks divide: each begins with 0, or has its digits."""
    digits, first, last = 0, start, start
    for group in _GROUPS.finditer(text, start, end):
        size = group.end() - group.start()
        begins = group[0].startswith("0") or text[group.start() - 1] == "("
        is_full = digits + size > _MOST_NATIONAL
        if digits and (is_full or (begins and digits >= _FEWEST_APART)):
            yield first, last
            digits, first = 0, group.start() - (text[group.start() - 1] == "(")
        digits += size
        last = group.end()
    yield first, end


def _is_national(text: str, start: int, end: int, *, has_cue: bool) -> bool:
    number = text[start:end]
    is_bare = number.isdecimal()
    digits = len(number) if is_bare else sum(map(len, _GROUPS.findall(number)))
    if not _FEWEST_NATIONAL <= digits <= _MOST_NATIONAL or _goes_on(text, end):
        return False
    is_decimal = not is_bare and _DECIMAL.fullmatch(number) is not None
    is_version = not is_bare and _VERSION.fullmatch(number) is not None
    is_marked = None if is_decimal or is_version else _is_marked(text, start, digits)
    if is_marked is not None or (is_bare and not has_cue):
        return is_marked is True
    key = key_before(text, start) or ""
    if is_decimal or is_measure(key) or is_phone_key(key):
        return is_phone_key(key)
    if REACHED_BY.fullmatch(key) and (not is_bare or _is_reached(text, start, digits)):
        return True
    is_loose = not is_bare and not is_version
    if has_cue and _is_cued(text, start, loose=is_loose):
        return True
    return is_loose and (
        PHONE_CUE_AFTER.match(text, end) is not None
        or _OWN_FORM.fullmatch(number) is not None
        or (_fills_a_value(text, start, end) and _has_groups(number, digits))
    )


def _is_marked(text: str, start: int, digits: int) -> bool | None:
    """Tell by a letter or a ``#`` right before; ``None`` where neither stands."""
    if text[start - 1 : start] == "#":
        return _is_hashed(text, start, digits)
    return True if _is_lettered(text, start, digits) else None


def _is_lettered(text: str, start: int, digits: int) -> bool:
    """Tell ``T: 0201234567`` and ``Ph: 5551234`` from ``T: 1234567``, a thread's."""
    if text[start - 1 : start] not in _BEHIND_A_LETTER:
        return False
    found = PHONE_LETTER.search(text, max(0, start - _LETTER_WINDOW), start)
    if found is None:
        return False
    fewest = _FEWEST_DIGITS if found[0][0] in "Pp" else _FEWEST_LETTERED
    return fewest <= digits <= _MOST_LETTERED


def _is_hashed(text: str, start: int, digits: int) -> bool:
    before = PHONE_HASH.search(text, max(0, start - _CUE_WINDOW), start)
    return before is not None and digits >= _FEWEST_DIGITS


def _goes_on(text: str, end: int) -> bool:
    """Tell a quantity by its unit, and the digits of a dump by what follows."""
    return _UNIT.match(text, end) is not None or _HEX_AFTER.match(text, end) is not None


def _is_cued(text: str, start: int, *, loose: bool) -> bool:
    """Tell a number with a cue before it; bare ones, versions need it right before."""
    line = text.rfind("\n", max(0, start - _CUE_WINDOW), start) + 1
    before = text[max(line, start - _CUE_WINDOW) : start]
    if loose and PHONE_CUE.search(before) is not None:
        return True
    if before.isascii() and not hints(before.lower()) & Hint.DIALLED:
        return False
    return PHONE_CUE_ADJACENT.search(before) is not None


def _is_reached(text: str, start: int, digits: int) -> bool:
    """Tell a message's ``to=5551234`` from a range's: something is sent in its line."""
    if digits < _FEWEST_DIGITS:
        return False
    return REACHING.search(text, max(0, start - _LINE_WINDOW), start) is not None


def _fills_a_value(text: str, start: int, end: int) -> bool:
    """Tell a value that is the number alone: ``a=…;``, ``"…"``, ``(…)``, ``| … |``."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before in {'"', "'"}:
        return after in {before, "\\"}
    if before == "(":
        return after == ")"
    if before == " ":
        lead, rest = text[start - 2 : start], text[end : end + 2]
        return (lead == ": " and after in {"", "\n", ",", ";"}) or (lead, rest) == (
            "| ",
            " |",
        )
    if after == " " and " " in text[start:end]:
        # a value without quotes ends at its first blank
        return False
    return before in {"=", ">"} and after in {"", ";", "&", "<", "\n", " ", ",", "\r"}


def _has_groups(number: str, digits: int) -> bool:
    """Tell the groups of a phone number from those of a range or a list."""
    groups = _GROUPS.findall(number)
    if digits <= _FEWEST_NATIONAL or not 1 < len(groups) <= _MOST_GROUPS:
        return False
    return max(map(len, groups)) > 1


def _balanced(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out a bracket that is opened or closed outside of the number."""
    opened = text.rfind("(", start, end)
    if opened == -1 or text.find(")", opened, end) != -1:
        return start, end
    if opened == start:
        return start + 1, end
    return start, start + len(text[start:opened].rstrip(" -./"))


def _with_extension(text: str, end: int) -> int:
    found = _EXTENSION.match(text, end)
    return end if found is None else found.end()


class _Validator:
    """Asks libphonenumber, a bounded number of times."""

    def __init__(self) -> None:
        self._left = _MOST_VALIDATIONS

    def longest(self, text: str, start: int, end: int, *, prefix: str) -> int:
        """
        Give where the longest number ends that begins at ``start``; 0 if none does.

        What follows after a blank may be another number, so the last groups are left
        out until what remains is one.
        """
        possible = 0
        for last in _ends_of_groups(text, start, end):
            digits = "".join(_GROUPS.findall(text[start:last]))
            if prefix == "00":
                digits = digits[2:]
            if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
                continue
            if not _has_country_code(digits):
                return 0
            if self._left <= 0:
                return last
            self._left -= 1
            valid, can_be = _judge(f"+{digits}")
            if valid:
                return last
            if can_be and prefix == "+" and len(digits) >= _FEWEST_POSSIBLE:
                possible = max(possible, last)
        return possible

    def is_valid(self, number: str, region: str) -> bool:
        if self._left <= 0:
            return True
        self._left -= 1
        return _judge(number, region)[0]


def _has_country_code(digits: str) -> bool:
    return any(int(digits[:n]) in _country_codes() for n in (1, 2, 3))


@cache
def _country_codes() -> frozenset[int]:
    import phonenumbers  # noqa: PLC0415 - a text without numbers need not wait for it

    return frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def _judge(number: str, region: str | None = None) -> tuple[bool, bool]:
    """Tell whether a number is valid, and whether it is possible at least."""
    import phonenumbers  # noqa: PLC0415 - a text without numbers need not wait for it

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False, False
    is_valid = phonenumbers.is_valid_number(parsed)
    return is_valid, is_valid or phonenumbers.is_possible_number(parsed)


def _ends_of_groups(text: str, start: int, end: int) -> list[int]:
    """Give the ends of the groups of digits, the last one first."""
    return [hit.end() for hit in _GROUPS.finditer(text, start, end)][::-1]
