"""What tells two values apart, and says nothing of either without the key."""

import hmac
import re

# Kinds whose values have to come back to the letter.
_EXACT = frozenset({"former", "user_id"})
_SEPARATORS = re.compile(r"[\s.()/-]")
_LETTERS = "bcdfghjklmnpqrstvwxyz"
_LENGTH = 8


def tenant_key(key: str, tenant_id: str) -> bytes:
    """Derive a tenant's key from the deployment's: two tenants share no pseudonym."""
    return hmac.new(key.encode(), tenant_id.encode(), "sha256").digest()


def fingerprint(key: bytes, kind: str, value: str) -> str:
    """Give HMAC-SHA-256 (hex) of kind and value, in the value's one spelling."""
    return hmac.digest(key, _message(kind, value), "sha256").hex()


def spelled(key: bytes, kind: str, value: str) -> str:
    """Give the first 16 signs of the HMAC (hex) of a value as it is written."""
    return hmac.digest(key, f"{kind}\0\0{value}".encode(), "sha256").hex()[:16]


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Give ``⟨kind:letters⟩``: eight of 21 letters, so 35 bits of HMAC-SHA-256."""
    number = int.from_bytes(hmac.digest(key, _message(kind, value), "sha256"))
    letters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return f"⟨{kind}:{''.join(letters)}⟩"


def _message(kind: str, value: str) -> bytes:
    return f"{kind}\0{_normal(kind, value)}".encode()


def _normal(kind: str, value: str) -> str:
    """Give one spelling to what is the same: case, blanks, a number's separators."""
    if kind in _EXACT:
        return value
    if kind == "phone":
        return _SEPARATORS.sub("", value).lower()
    return value.strip().lower()
