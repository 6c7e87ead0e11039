"""Keys that two processes share, as their settings take them."""

import base64
import binascii
from typing import Annotated

from cryptography.fernet import Fernet
from pydantic import AfterValidator, StringConstraints


def check_fernet_key(key: str) -> str:
    """
    Take 32 bytes in URL-safe base64.

    Raises:
        ValueError: it is no such key.
    """
    try:
        Fernet(key)
    except ValueError:
        raise ValueError("no Fernet key: `autopilot keys new` makes one") from None
    return key


FernetKey = Annotated[str, AfterValidator(check_fernet_key)]


def check_fernet_keys(keys: str) -> str:
    """
    Take one key or several between commas: the first seals, each opens.

    Raises:
        ValueError: one of them is no such key.
    """
    return ",".join(check_fernet_key(one.strip()) for one in keys.split(","))


FernetKeys = Annotated[str, AfterValidator(check_fernet_keys)]

_ED25519_BYTES = 32


def check_public_keys(keys: str) -> str:
    """
    Take Ed25519 public keys, 32 bytes each in base64, between commas; none is fine.

    Raises:
        ValueError: one of them is no such key.
    """
    listed = [one.strip() for one in keys.split(",") if one.strip()]
    for one in listed:
        try:
            raw = base64.b64decode(one, validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != _ED25519_BYTES:
            raise ValueError("no Ed25519 public key: `autopilot audit keys` shows them")
    return ",".join(listed)


PublicKeys = Annotated[str, AfterValidator(check_public_keys)]
# Of a key of a signed note: visible ASCII without +.
LogName = Annotated[str, StringConstraints(pattern=r"^[!-*,-~]+$")]
