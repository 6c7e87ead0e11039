"""RFC 8785 JSON: one text for one value, so that a digest means something."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from hashlib import sha256

import rfc8785


def canonical(value: object) -> str:
    """Give RFC 8785 JSON; ids and instants become their text, keys strings."""
    return rfc8785.dumps(plain(value)).decode()


def digest(value: object) -> str:
    """Give SHA-256 (hex) of the canonical JSON."""
    return sha256(canonical(value).encode()).hexdigest()


def is_exact(value: object) -> bool:
    """Tell whether RFC 8785 can hold a value: no NaN, no number past 2^53."""
    try:
        canonical(value)
    except rfc8785.CanonicalizationError:
        return False
    return True


def plain(value: object):  # type: ignore[no-untyped-def] # noqa: ANN201 - JSON is recursive
    """Turn a value into what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        # A set has no order of its own, and a digest needs one.
        return sorted((plain(item) for item in value), key=rfc8785.dumps)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return str(value)
