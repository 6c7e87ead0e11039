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


def check_fernet_keys(keys: str) -> str:
    """
    Take one key or several between commas: the first seals, each opens.

    Raises:
        ValueError: one of them is no such key.
    """
    return ",".join(check_fernet_key(one.strip()) for one in keys.split(","))


FernetKeys = Annotated[str, AfterValidator(check_fernet_keys)]
