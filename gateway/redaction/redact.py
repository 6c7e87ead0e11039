"""
What leaves the gate: keyed fields, email addresses and secrets taken out.

``redact`` alone makes ``Redacted``. Personal values become placeholders, the same value
the same placeholder within one task; secrets are removed for good. The vault keeps what
stands behind a placeholder. (Phones, addresses and the measured bars come with
redaction's own issue.)
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from pydantic import JsonValue

Redacted = NewType("Redacted", dict[str, JsonValue])

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.UNICODE
)
_SECRETS = re.compile(
    r"xox[abeprs]-[\w-]{10,200}|xapp-[\w-]{10,200}|gh[pousr]_\w{36,255}"
    r"|AKIA[0-9A-Z]{16}|eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}"
    r"|sk-[A-Za-z0-9_-]{20,200}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?-----END"
    r"|(?i:bearer)\s+[\w.~+/=-]{16,2000}"
    r"|(?i:password|passwd|secret|api_?key|token)"
    r"[\"']?\s*[=:]\s*[\"']?[^\s\"',;&]{6,200}"
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_MOST_EXACT = 2**53 - 1
_KEYED = {
    "email": "email",
    "e_mail": "email",
    "mail": "email",
    "phone": "phone",
    "phone_number": "phone",
    "msisdn": "phone",
    "mobile": "phone",
    "address": "address",
    "street": "address",
    "postal_address": "address",
    "full_name": "name",
    "first_name": "name",
    "last_name": "name",
    "display_name": "name",
    "requester_name": "name",
    "author_name": "name",
    "requester_email": "email",
    "date_of_birth": "birth",
    "dob": "birth",
}
_SECRET_KEYS = frozenset(
    {"password", "passwd", "secret", "api_key", "apikey", "token", "authorization"}
)


@dataclass(slots=True)
class Placeholders:
    """
    The placeholders of one task; ``known`` maps fingerprints to placeholders.

    A fingerprint is HMAC-SHA-256 of kind and value under ``key``, so that it says
    nothing of the value.
    """

    key: bytes
    known: dict[str, str] = field(default_factory=dict)
    fresh: list[tuple[str, str, str, str]] = field(default_factory=list)
    secrets_removed: int = 0

    def stand_in(self, kind: str, value: str) -> str:
        """Give the placeholder of a value; new ones are listed in ``fresh``."""
        message = f"{kind}\0{value.strip().lower()}".encode()
        fingerprint = hmac.new(self.key, message, "sha256").hexdigest()
        found = self.known.get(fingerprint)
        if found is None:
            of_kind = sum(one.startswith(f"⟨{kind}:") for one in self.known.values())
            found = f"⟨{kind}:{of_kind + 1}⟩"
            self.known[fingerprint] = found
            self.fresh.append((found, kind, fingerprint, value))
        return found


def redact(value: Mapping[str, JsonValue], placeholders: Placeholders) -> Redacted:
    """Walk JSON by key class first, then every text for what no key told."""
    return Redacted(
        {storable(key): _walk(item, key, placeholders) for key, item in value.items()}
    )


def storable(text: str) -> str:
    """Replace what no database takes: NUL, and half of a surrogate pair."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def storable_json(value: object) -> object:
    """Replace in every text what no database takes: NUL, half a surrogate pair."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [storable_json(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable_json(item) for key, item in value.items()}
    return value


def redact_text(text: str, placeholders: Placeholders) -> str:
    """Take secrets and email addresses out of free text, and what can't be stored."""
    clean, removed = _SECRETS.subn("⟨secret⟩", storable(text))
    placeholders.secrets_removed += removed
    if "@" not in clean:
        return clean
    return _EMAIL.sub(lambda hit: placeholders.stand_in("email", hit[0]), clean)


def _walk(value: JsonValue, key: str, placeholders: Placeholders) -> JsonValue:
    kind = key.lower().replace("-", "_")
    if isinstance(value, dict):
        return {
            storable(name): _walk(item, name, placeholders)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_walk(item, key, placeholders) for item in value]
    if kind in _SECRET_KEYS and value not in (None, ""):
        placeholders.secrets_removed += 1
        return "⟨secret⟩"
    if kind in _KEYED and isinstance(value, str | int) and str(value):
        return placeholders.stand_in(_KEYED[kind], str(value))
    if isinstance(value, str):
        return redact_text(value, placeholders)
    return _exact(value)


def _exact(value: JsonValue) -> JsonValue:
    """Give an integer that RFC 8785 can't hold exactly as its text."""
    if isinstance(value, int) and abs(value) > _MOST_EXACT:
        return str(value)
    return value
