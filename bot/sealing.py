"""A vendor's webhook secret at rest: the command line seals it, the web opens it."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class NotOpened(Exception):
    """None of the secrets is sealed with a key that is here."""


def seal(secret: str, keys: str) -> str:
    """Seal with the first of the keys, which stand between commas."""
    return _fernet(keys).encrypt(secret.encode()).decode()


def open_sealed(sealed: Sequence[str], keys: str | None) -> tuple[str, ...]:
    """
    Open what these keys open; one that none of them opens is left out.

    Raises:
        NotOpened: there is no key, or it opens nothing.
    """
    if not keys:
        raise NotOpened("WEBHOOK_KEY is not set")
    fernet = _fernet(keys)
    found = [text for one in sealed if (text := _open(fernet, one)) is not None]
    if not found:
        raise NotOpened("WEBHOOK_KEY opens none of the endpoint's secrets")
    return tuple(found)


def reseal(sealed: Sequence[str], keys: str) -> tuple[str, ...]:
    """
    Seal with the first of the keys what any of them sealed; what it sealed, stays.

    Raises:
        NotOpened: none of the keys opens one of them.
    """
    first, whole = _fernet(keys.split(",", maxsplit=1)[0]), _fernet(keys)
    found = []
    for one in sealed:
        secret = _open(whole, one)
        if secret is None:
            raise NotOpened("WEBHOOK_KEY opens not all of the endpoint's secrets")
        is_done = _open(first, one) is not None
        found.append(one if is_done else seal(secret, keys))
    return tuple(found)


def _open(fernet: MultiFernet, sealed: str) -> str | None:
    try:
        return fernet.decrypt(sealed).decode()
    except (InvalidToken, UnicodeDecodeError):
        return None


def _fernet(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys.split(",")])
