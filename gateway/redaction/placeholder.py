# ruff: noqa: RUF001 - brackets that are no placeholder's
"""
Placeholders: ``⟨email:1⟩`` for a value, ``⟨secret⟩`` for what is removed for good.

A bracket from outside never survives: text that forges a placeholder would otherwise be
taken for another person's value on the way back. What this task gave out itself stays
as it is, so that redaction is idempotent; where a text can't hold any of ours yet,
``is_outside`` takes all of them for forged.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.redaction.fingerprint import fingerprint, pseudonym, spelled
from gateway.redaction.known import KnownValues, known_values
from gateway.redaction.span import Kind, Policy, Span

# The number or the letters are a value's, the number behind them its other spelling's.
FORM = re.compile(r"⟨([a-z_]{1,20}):(\d{1,9}|[b-z]{8})(?:-\d{1,3})?⟩", re.ASCII)
ANY = re.compile(
    r"⟨(?:secret|card|[a-z_]{1,20}:(?:\d{1,9}|[b-z]{8})(?:-\d{1,3})?)⟩", re.ASCII
)
REMOVED = {Kind.SECRET: "⟨secret⟩", Kind.CARD: "⟨card⟩"}
# The kind of a text of a system that has to come back as it was (``fingerprint``).
WHOLE = "former"
_SPELLING = re.compile(r"-\d{1,3}⟩")
_LONG = 10
_MOST_SPELLINGS = 999
_BRACKETS = re.compile(rf"{ANY.pattern}|[⟨⟩]", re.ASCII)


Searched = dict[tuple[str, str], list[Span]]


@dataclass(slots=True)
class Placeholders:
    """
    The placeholders of one task; ``known`` maps fingerprints to placeholders.

    A fingerprint is HMAC-SHA-256 of kind and value under ``key``, so that it says
    nothing of the value: its one spelling's, and its own (``spelled``). What differs by
    its spelling alone shares the number (``⟨email:1-2⟩``). ``fresh`` lists
    (placeholder, kind, fingerprint, value) for the vault. Secrets and cards are removed
    for good, and counted. ``aliases`` are the
    pseudonyms in the task's alerts, made under the key ``tenant``: who is named there
    keeps that name. ``named`` maps placeholders to values that no search finds, a
    person's name for one: where they stand again they are put back. In a text that is
    not ours (``is_own`` False) a short word is left, which may be any word. What was
    found in each text under its key is kept in ``searched``, where there is one.
    ``forgotten`` are those whose value the vault has no more: met again, it is fresh.
    """

    key: bytes
    known: dict[str, str] = field(default_factory=dict)
    fresh: list[tuple[str, str, str, str]] = field(default_factory=list)
    secrets_removed: int = 0
    policy: Policy = field(default_factory=Policy)
    is_outside: bool = False
    aliases: frozenset[str] = frozenset()
    tenant: bytes = b""
    named: Mapping[str, str] = field(default_factory=dict)
    is_own: bool = True
    searched: Searched | None = None
    forgotten: set[str] = field(default_factory=set)
    _last: dict[str, int] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)
    _seen: dict[tuple[str, str], str] = field(default_factory=dict)
    # By the fingerprint of the one spelling: the first placeholder, and how many.
    _first: dict[str, str] = field(default_factory=dict)
    _spellings: Counter[str] = field(default_factory=Counter)
    _indexed: Mapping[str, str] | None = None
    _by_value: dict[str, str] = field(default_factory=dict)
    _known: KnownValues = field(default_factory=lambda: known_values(()))

    def __post_init__(self) -> None:
        for placeholder in (*self.known.values(), *self.aliases):
            self.remember(placeholder)
        for mark, placeholder in self.known.items():
            self._note(mark.partition(".")[0], placeholder)

    def stand_in(self, kind: str, value: str) -> str:
        """Give the placeholder of a value; new ones are listed in ``fresh``."""
        seen = self._seen.get((kind, value))
        if seen is None:
            seen = self._seen[kind, value] = self._stand_in(kind, value)
        return seen

    def _stand_in(self, kind: str, value: str) -> str:
        same = fingerprint(self.key, kind, value)
        mark = f"{same}.{spelled(self.key, kind, value)}"
        # one that was kept before spellings were told apart stands for all of them
        found = self.known.get(mark) or self.known.get(same)
        if found is None and self._spellings[same] >= _MOST_SPELLINGS:
            # one of a thousand spellings stands for all that come after
            found = self._first[same]
        if found is None:
            found = self._other_spelling(same) or self._alias(kind, value)
            self.known[mark] = found
            self._note(same, found)
            self.fresh.append((found, kind, mark, value))
            self.remember(found)
        elif found in self.forgotten:
            # what is met again can be had again
            self.forgotten.remove(found)
            self.fresh.append((found, kind, mark, value))
        return found

    def _note(self, same: str, placeholder: str) -> None:
        self._first.setdefault(same, _SPELLING.sub("⟩", placeholder))
        self._spellings[same] += 1

    def _other_spelling(self, same: str) -> str | None:
        first, number = self._first.get(same), self._spellings[same] + 1
        if first is None:
            return None
        return f"{first[:-1]}-{number}⟩"

    def _alias(self, kind: str, value: str) -> str:
        """Give the pseudonym by which the task knows a value, else the next number."""
        if self.aliases:
            found = pseudonym(self.tenant, kind, value)
            if found in self.aliases:
                return found
        return f"⟨{kind}:{self._last.get(kind, 0) + 1}⟩"

    def replace(self, kind: Kind, value: str) -> str:
        """Give what stands for a value of a kind: a placeholder, or a mark for good."""
        mark = REMOVED.get(kind)
        if mark is None:
            return self.stand_in(kind.lower(), value)
        self.secrets_removed += 1
        return mark

    def replace_all(self, text: str, spans: Iterable[Span]) -> str:
        """Put in the place of each span, in order, what stands for it."""
        parts: list[str] = []
        last = 0
        for span in spans:
            parts.append(text[last : span.start])
            parts.append(self.replace(span.kind, text[span.start : span.end]))
            last = span.end
        return "".join([*parts, text[last:]])

    def adopt(self, text: str) -> None:
        """Keep the placeholders that our own text holds; numbers go on behind them."""
        if "⟨" in text:
            for hit in FORM.finditer(text):
                self.remember(hit[0])

    def learn(self, kinds: Collection[str]) -> bool:
        """
        Take what is new of these kinds for known: it is put back where it stands again.

        True if anything is.
        """
        news = {
            placeholder: value
            for placeholder, kind, _, value in self.fresh
            if kind in kinds and placeholder not in self.named
        }
        if news:
            self.named = {**self.named, **news}
        return bool(news)

    @contextmanager
    def nobody_named(self) -> Iterator[None]:
        """Put nobody back within the block: a name may be any word of ours."""
        named, self.named = self.named, {}
        try:
            yield
        finally:
            self.named = named

    def put_back(self, text: str) -> str:
        """Replace values that are known to this task by their placeholders."""
        if not self.named:
            return text
        if self._indexed is not self.named:
            self._indexed = self.named
            self._by_value = {value: one for one, value in self.named.items()}
            self._known = known_values(self._by_value)
        found = self._known.find(text)
        if not self.is_own:
            found = [one for one in found if _is_telling(text[one[0] : one[1]])]
        if not found:
            return text
        # A placeholder that stands already is no place to look for a name.
        standing = [hit.span() for hit in ANY.finditer(text)] if "⟨" in text else []
        parts: list[str] = []
        last = 0
        for start, end in found:
            if not _overlaps(standing, start, end):
                parts += (text[last:start], self._by_value[text[start:end]])
                last = end
        return "".join([*parts, text[last:]])

    def disarm(self, text: str) -> str:
        """Replace brackets that are none of this task's placeholders."""
        if "⟨" not in text and "⟩" not in text:
            return text
        return _BRACKETS.sub(self._keep_or_disarm, text)

    def disarm_decoded(self, text: str) -> str:
        """Take all brackets that an escape hid for forged, in a text not ours."""
        if self.is_own and not self.is_outside:
            return text
        return _BRACKETS.sub(_disarm_forged, text) if "⟨" in text else text

    def _keep_or_disarm(self, hit: re.Match[str]) -> str:
        is_given = hit[0] in self._given and not self.is_outside
        return hit[0] if is_given else _disarm_forged(hit)

    def remember(self, placeholder: str) -> None:
        """Take one that we gave out ourselves for ours."""
        parts = FORM.fullmatch(placeholder)
        if parts is not None:
            self._given.add(placeholder)
            number = int(parts[2]) if parts[2].isdigit() else 0
            self._last[parts[1]] = max(self._last.get(parts[1], 0), number)


def _disarm_forged(hit: re.Match[str]) -> str:
    form = hit[0]
    if form in REMOVED.values():
        return form
    return form.replace("⟨", "‹").replace("⟩", "›")


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Tell whether a stretch touches one of these spans, which are in order."""
    place = bisect_left(spans, (end, 0)) - 1
    return place >= 0 and spans[place][1] > start


def _is_telling(value: str) -> bool:
    """Tell a value that is hardly ever another word: two words, or a long one."""
    return len(value) >= _LONG or len(value.split()) > 1
