"""Keys that two processes share, as their settings take them."""

from typing import Annotated

from cryptography.fernet import Fernet
from pydantic import AfterValidator


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
