# ruff: noqa: RUF001 - brackets that are no placeholder's
"""
Placeholders: ``⟨email:1⟩`` for a value, ``⟨secret⟩`` for what is removed for good.

A bracket from outside never survives: text that forges a placeholder would otherwise be
taken for another person's value on the way back. What this task gave out itself stays
as it is, so that redaction is idempotent; where a text can't hold any of ours yet,
``is_outside`` takes all of them for forged.
"""

import hmac
import re
from dataclasses import dataclass, field

from gateway.redaction.span import Kind, Policy

FORM = re.compile(r"⟨([a-z_]{1,20}):(\d{1,9})⟩", re.ASCII)
ANY = re.compile(r"⟨(?:secret|card|[a-z_]{1,20}:\d{1,9})⟩", re.ASCII)
REMOVED = {Kind.SECRET: "⟨secret⟩", Kind.CARD: "⟨card⟩"}
_BRACKETS = re.compile(r"⟨(?:secret|card|[a-z_]{1,20}:\d{1,9})⟩|[⟨⟩]", re.ASCII)
_SEPARATORS = re.compile(r"[\s.()/-]")


@dataclass(slots=True)
class Placeholders:
    """
    The placeholders of one task; ``known`` maps fingerprints to placeholders.

    A fingerprint is HMAC-SHA-256 of kind and value under ``key``, so that it says
    nothing of the value. ``fresh`` lists (placeholder, kind, fingerprint, value) for
    the vault. Secrets and cards are removed for good, and counted.
    """

    key: bytes
    known: dict[str, str] = field(default_factory=dict)
    fresh: list[tuple[str, str, str, str]] = field(default_factory=list)
    secrets_removed: int = 0
    policy: Policy = field(default_factory=Policy)
    is_outside: bool = False
    _last: dict[str, int] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for placeholder in self.known.values():
            self._remember(placeholder)

    def stand_in(self, kind: str, value: str) -> str:
        """Give the placeholder of a value; new ones are listed in ``fresh``."""
        message = f"{kind}\0{_normal(kind, value)}".encode()
        fingerprint = hmac.new(self.key, message, "sha256").hexdigest()
        found = self.known.get(fingerprint)
        if found is None:
            found = f"⟨{kind}:{self._last.get(kind, 0) + 1}⟩"
            self.known[fingerprint] = found
            self.fresh.append((found, kind, fingerprint, value))
            self._remember(found)
        return found

    def replace(self, kind: Kind, value: str) -> str:
        """Give what stands for a value of a kind: a placeholder, or a mark for good."""
        mark = REMOVED.get(kind)
        if mark is None:
            return self.stand_in(kind.lower(), value)
        self.secrets_removed += 1
        return mark

    def adopt(self, text: str) -> None:
        """Keep the placeholders that our own text holds; numbers go on behind them."""
        if "⟨" in text:
            for hit in FORM.finditer(text):
                self._remember(hit[0])

    def disarm(self, text: str) -> str:
        """Replace brackets that are none of this task's placeholders."""
        if "⟨" not in text and "⟩" not in text:
            return text
        return _BRACKETS.sub(self._keep_or_disarm, text)

    def _keep_or_disarm(self, hit: re.Match[str]) -> str:
        form = hit[0]
        if form in REMOVED.values():
            return form
        if form in self._given and not self.is_outside:
            return form
        return form.replace("⟨", "‹").replace("⟩", "›")

    def _remember(self, placeholder: str) -> None:
        parts = FORM.fullmatch(placeholder)
        if parts is not None:
            self._given.add(placeholder)
            self._last[parts[1]] = max(self._last.get(parts[1], 0), int(parts[2]))


def _normal(kind: str, value: str) -> str:
    """Give one spelling to what is the same: case, blanks, a number's separators."""
    if kind == "phone":
        return _SEPARATORS.sub("", value).lower()
    return value.strip().lower()
