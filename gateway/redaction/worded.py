"""
Placeholders in words, where nobody can have them shown.

A card keeps placeholders, which its reader may have shown; elsewhere what it calls
people by is no word, and says only what is hidden.
"""

import re

# One that a cut halved ends the text.
_HIDDEN = re.compile(
    r"⟨([a-z_]{1,20})(?::[0-9b-z-]{1,13})?⟩|⟨[a-z_]{0,20}(?::[0-9b-z-]{0,13})?(?=…?\Z)"
)
_CALLED = {
    "email": "an email address",
    "phone": "a phone number",
    "address": "an address",
    "name": "a name",
    "birth": "a date of birth",
    "national_id": "a national id",
    "ip": "an IP address",
    "user_id": "a user id",
    "secret": "a secret",
    "card": "a card number",
}


def worded(text: str) -> str:
    """Give ``mail to ⟨email:kqzvbnwt⟩`` as mail to an email address."""
    return _HIDDEN.sub(_called, text) if "⟨" in text else text


def _called(found: re.Match[str]) -> str:
    return f"[{_CALLED.get(found[1], 'hidden')}]" if found[1] else "[hidden]"
