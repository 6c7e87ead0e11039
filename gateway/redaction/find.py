"""
The engine: what is personal or secret in a text, as spans in code points.

Theory of operation. What is taken is never looked at again, so no span overlaps another
or a shield. Placeholders are taken first, then what a key names and what has the form
of a secret, then email addresses; they outrank evidence, as an API key may be a hex
digest and a local part a UUID. Then the shields: instants, ids, digests. What is left
goes to the detectors, those that need no cue before those that do. Last come encoded
values, decoded once: each view is searched in the same way, and what is found there is
mapped back. At the end the text is searched once more as it will be, for what the
replacements uncover.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from operator import or_

from gateway.redaction.address_zone import address_zones
from gateway.redaction.birth_date import birth_dates
from gateway.redaction.block import blocks, elements
from gateway.redaction.candidate import DIGITS, may_hold_number
from gateway.redaction.card import cards
from gateway.redaction.constraint import constraints
from gateway.redaction.eastern_address import eastern_addresses
from gateway.redaction.email_address import email_addresses
from gateway.redaction.encoded import View, base64_values, dressed, escaped_json, views
from gateway.redaction.hint import Hint, hints
from gateway.redaction.json_text import may_hold_json
from gateway.redaction.keyed import keyed
from gateway.redaction.masked import mask
from gateway.redaction.national_id import national_ids
from gateway.redaction.one_word_id import one_word_ids
from gateway.redaction.phone import international_phones, national_phones
from gateway.redaction.postal_address import has_break, postal_addresses
from gateway.redaction.quiet import is_quiet
from gateway.redaction.secret import secrets
from gateway.redaction.shields import PLACEHOLDER, addresses_of_hosts, shields
from gateway.redaction.span import Kind, Policy, Span, Taken

_PLACEHOLDER = re.compile(PLACEHOLDER)
_USER = re.compile(
    r"(?<![\w-])(?:user|usr|u|cust|customer|acct|member)_[0-9A-Za-z]{3,40}\b"
)
_FEWEST_DIGITS = 5
_MOST_ROUNDS = 4
_BESIDE = 160
# Longer texts are many lines: each is searched for what its own words hint at.
_LONG = 2_000
# What finds by the keys of JSON in a text, too.
Walk = Callable[[str], list[Span]]
# Where a line begins and ends, and its hints.
_Line = tuple[int, int, int]
_LINE = re.compile(r"[^\n]+")
_SIGN = re.compile(r"[^\W_]")
# A key and a placeholder alone: nothing is left to be found.
_MASKED = re.compile(
    r"[A-Za-z_ ]{0,15}(?:[=:][ ]?[\"']?)?⟨[a-z_]{1,12}(?::1)?⟩[\"']?", re.ASCII
)
# Short words without digits, as most keys and many values are: nothing is in them,
# but for a command's options.
_WORDS = re.compile(r"(?!-|.{0,23}[ ]-)[A-Za-z_ .\-]{0,24}")


@dataclass(slots=True)
class _Search:
    """One text's search: what is found, what is shielded, what may not be touched."""

    text: str
    policy: Policy
    lowered: str
    hints: int = 0
    taken: Taken = field(default_factory=Taken)
    spans: list[Span] = field(default_factory=list)
    shields: list[tuple[int, int]] = field(default_factory=list)
    # Whether its evidence is still to be taken, before anything else is.
    is_open: bool = False

    def take_evidence(self) -> None:
        if self.is_open:
            self.is_open = False
            self.shields += self.taken.add(shields(self.text))

    def add(self, kind: Kind, hits: Iterable[tuple[int, int]]) -> None:
        found = (hit for hit in hits if _SIGN.search(self.text, *hit))
        self.spans += [Span(*hit, kind) for hit in self.taken.add(found)]

    def add_parts(self, spans: Iterable[Span]) -> None:
        """Add what is free of each span, if it holds a letter or a digit."""
        found = list(spans)
        if not found:
            return
        parts: dict[tuple[int, int], Kind] = {}
        last = 0
        for span in sorted(found, key=lambda one: one.start):
            start = max(span.start, last)
            for part in self.taken.free_parts(start, span.end):
                if _SIGN.search(self.text, *part):
                    parts[part] = span.kind
            last = max(last, span.end)
        self.spans += [Span(*part, parts[part]) for part in self.taken.add(parts)]

    def add_late(self, spans: list[Span]) -> None:
        """Add what shows once the rest is replaced; what seemed evidence was none."""
        if spans:
            self.take_evidence()
            evidence, self.taken = self.shields, Taken()
            self.taken.add((one.start, one.end) for one in self.spans)
            self.add_parts(spans)
            self.shields = self.taken.add(evidence)


def find(text: str, *, policy: Policy, walk: Walk | None = None) -> list[Span]:
    """
    Give what is to be redacted: sorted, apart from each other and from shields.

    What shows only once the rest is replaced is given too, so that a text that was
    redacted holds nothing more. ``walk`` searches JSON that an encoding hid.
    """
    if _WORDS.fullmatch(text):
        return []
    hinted = None
    is_plain = not (policy.redact_ip or policy.redact_user_id or policy.phone_regions)
    if is_plain and len(text) <= _LONG:
        lowered = text.lower()
        hinted = hints(lowered)
        if is_quiet(text, lowered, hinted=hinted, policy=policy):
            return []
    found = _search_all(text, policy, hinted, walk).spans
    return sorted(found, key=lambda span: span.start) if found else found


def find_shields(text: str, *, policy: Policy) -> list[tuple[int, int]]:
    """Give the evidence that ``find`` leaves whole, in order."""
    search = _search_all(text, policy)
    return sorted([*search.shields, *search.taken.add(shields(text))])


def _search_all(
    text: str,
    policy: Policy,
    hinted: int | None = None,
    walk: Walk | None = None,
) -> _Search:
    search = _search(text, policy, hinted)
    _search_encoded(search, walk)
    fresh = len(search.spans)
    for _ in range(_MOST_ROUNDS):
        if not fresh:
            break
        fresh = _search_masked(search, walk)
    return search


def _search(text: str, policy: Policy, hinted: int | None = None) -> _Search:
    search = _Search(text, policy, text.lower())
    if "⟨" in text:
        search.shields += search.taken.add(
            hit.span() for hit in _PLACEHOLDER.finditer(text)
        )
    lines = _lines(text) if len(text) > _LONG else None
    if lines is not None:
        hinted = _hints_in(lines)
    search.hints = hints(search.lowered) if hinted is None else hinted
    _find_told(search, lines)
    if lines is not None:
        _detect_in_lines(search, lines)
    else:
        has_address = _may_hold_address(search)
        has_digits = _detect(search, has_address=has_address)
        if has_address:
            search.add(Kind.ADDRESS, _addresses(search, [(0, len(text))]))
        if has_digits and _has_free_digits(text, search.taken):
            search.add(Kind.PHONE, _national(search))
    return search


def _find_told(search: _Search, lines: list[_Line] | None) -> None:
    """Find what a key or a form of its own tells, and what policy asks for."""
    text, policy = search.text, search.policy
    whole = [(0, len(text))]
    # what is removed for good goes before what comes back
    found = secrets(
        text,
        search.lowered,
        has_mark=search.hints & Hint.MARK != 0,
        has_keyword=search.hints & Hint.KEYWORD != 0,
    )
    search.add_parts([Span(*hit, Kind.SECRET) for hit in found])
    if search.hints & Hint.KEY:
        told = (blocks(text), elements(text, policy), constraints(text, policy))
        search.add_parts(chain.from_iterable(told))
    if policy.redact_ip or policy.redact_user_id:
        search.add_parts(keyed(text, policy, whole))
    elif search.hints & Hint.KEY:
        within = whole if lines is None else _keyed_lines(lines)
        search.add_parts(keyed(text, policy, within))
    if search.hints & Hint.BIRTH:
        search.add(Kind.BIRTH, birth_dates(text))
    if policy.redact_ip:
        search.add(Kind.IP, addresses_of_hosts(text))
    if policy.redact_user_id:
        search.add(Kind.USER_ID, (hit.span() for hit in _USER.finditer(text)))


def _lines(text: str) -> list[_Line]:
    return [
        (hit.start(), hit.end(), hints(hit[0].lower())) for hit in _LINE.finditer(text)
    ]


def _hints_in(lines: list[_Line]) -> int:
    return reduce(or_, (hinted for _, _, hinted in lines), 0)


def _keyed_lines(lines: list[_Line]) -> Iterator[tuple[int, int]]:
    return ((start, end) for start, end, hinted in lines if hinted & Hint.KEY)


def _detect_in_lines(search: _Search, lines: list[_Line]) -> None:
    """Let each line of a long text be searched for what its own words hint at."""
    found: list[Span] = []
    evidence: list[tuple[int, int]] = []
    with_digits: list[tuple[int, _Search]] = []
    for start, end, hinted in lines:
        part = _Search(search.text[start:end], search.policy, "", hinted)
        if _detect(part, has_address=_may_hold_address(part)):
            with_digits.append((start, part))
        part.take_evidence()
        found += [
            Span(one.start + start, one.end + start, one.kind) for one in part.spans
        ]
        evidence += [(first + start, last + start) for first, last in part.shields]
    search.add_parts(found)
    search.shields += search.taken.add(evidence)
    zones = address_zones(search.text, lines)
    search.add(Kind.ADDRESS, _addresses(search, zones))
    search.add(
        Kind.PHONE,
        (
            (first + start, last + start)
            for start, part in with_digits
            for first, last in _national(part)
        ),
    )


def _detect(search: _Search, *, has_address: bool) -> bool:
    """Find what needs no cue, evidence aside; tell whether digits are left."""
    text, taken = search.text, search.taken
    if "@" in text or "＠" in text:  # noqa: RUF001 - a sign for @
        search.add(Kind.EMAIL, email_addresses(text))
    search.add(Kind.NATIONAL_ID, one_word_ids(text))
    eastern = list(eastern_addresses(text))
    has_digits = DIGITS.search(text) is not None
    has_id = search.hints & Hint.NATIONAL_ID != 0
    search.is_open = has_digits or has_id or has_address or eastern != []
    if eastern:
        search.take_evidence()
        search.add(Kind.ADDRESS, eastern)
    has_digits = has_digits and (has_id or _may_hold_number(search))
    if not (has_digits or has_id or has_address):
        return False
    search.take_evidence()
    has_digits = has_digits and _has_free_digits(text, taken)
    if has_digits:
        search.add(Kind.CARD, cards(text, taken))
    if has_digits or has_id:
        search.add(Kind.NATIONAL_ID, national_ids(text, taken, has_cue=has_id))
    if has_digits:
        search.add(Kind.PHONE, international_phones(text, taken))
    return has_digits


def _may_hold_number(search: _Search) -> bool:
    """Tell by the numbers alone, where what is taken changes nothing."""
    if search.policy.phone_regions or not search.taken.is_empty():
        return True
    return may_hold_number(search.text, has_cue=search.hints & Hint.PHONE != 0)


def _addresses(
    search: _Search, zones: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    has_cue = search.hints & Hint.CUE_BEGINS != 0
    for zone in zones:
        yield from postal_addresses(search.text, search.taken, zone, has_cue=has_cue)


def _may_hold_address(search: _Search) -> bool:
    return search.hints & Hint.STREET != 0 or has_break(search.text)


def _national(search: _Search) -> Iterable[tuple[int, int]]:
    return national_phones(
        search.text,
        search.taken,
        search.policy.phone_regions,
        has_cue=search.hints & Hint.PHONE != 0,
    )


def _has_free_digits(text: str, taken: Taken) -> bool:
    for start, end in taken.free_parts(0, len(text)):
        if end - start >= _FEWEST_DIGITS and DIGITS.search(text, start, end):
            return True
    return False


def _search_masked(search: _Search, walk: Walk | None) -> int:
    """Search around what was found, placeholders in it; give how much more there is."""
    spans = sorted(search.spans, key=lambda span: span.start)
    more: list[Span] = []
    for start, end, within in _neighbourhoods(search.text, spans):
        masked, starts, shifts = mask(search.text, start, end, within)
        if _MASKED.fullmatch(masked):
            continue
        found = _search(masked, search.policy)
        _search_encoded(found, walk)
        for span in found.spans:
            shift = shifts[bisect_right(starts, span.start) - 1]
            more.append(Span(span.start + shift, span.end + shift, span.kind))
    search.add_late(more)
    return len(search.spans) - len(spans)


def _neighbourhoods(
    text: str, spans: list[Span]
) -> Iterator[tuple[int, int, list[Span]]]:
    """Give the lines that hold spans, with a little of the lines beside them."""
    start = end = 0
    within: list[Span] = []
    for span in spans:
        if within and span.start > end:
            yield start, end, within
            within = []
        if not within:
            start = text.rfind("\n", end, max(end, span.start - _BESIDE)) + 1
            start = max(start, end)
        # The end that is known already serves the others of a line: each looking for
        # its own would read the line again for each.
        if not within or span.end + _BESIDE > end:
            line = text.find("\n", span.end + _BESIDE)
            end = len(text) if line == -1 else line
        within.append(span)
    if within:
        yield start, end, within


def _search_encoded(search: _Search, walk: Walk | None) -> None:
    found: list[Span] = []
    text = search.text
    for view in _all_views(text, walk):
        found += [
            Span(*view.source(span.start, span.end), span.kind)
            for span in _in_decoded(view.text, search.policy, walk)
        ]
    if found:
        search.take_evidence()
        search.add_parts(found)
    if search.lowered != search.text:
        search.add_parts(_in_base64(search, walk))


def _all_views(text: str, walk: Walk | None) -> Iterator[View]:
    if "%" in text or "\\" in text or "&" in text:
        yield from views(text)
        if walk is not None:
            yield from escaped_json(text)
    yield from dressed(text)


def _in_decoded(text: str, policy: Policy, walk: Walk | None) -> list[Span]:
    if walk is not None and may_hold_json(text):
        return walk(text)
    return _search(text, policy).spans


def _in_base64(search: _Search, walk: Walk | None) -> Iterator[Span]:
    """Give values whole, under the kind of what they hold."""
    for start, end, decoded in base64_values(search.text):
        search.take_evidence()
        if search.taken.is_free(start, end):
            found = _in_decoded(decoded, search.policy, walk)
            kinds = [span.kind for span in found]
            if kinds:
                kind = Kind.SECRET if Kind.SECRET in kinds else kinds[0]
                yield Span(start, end, kind)
