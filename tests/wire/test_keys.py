"""Keys: taken as they stand, or refused with how to make one."""

import base64

import pytest
from cryptography.fernet import Fernet

from wire.keys import check_fernet_key, check_fernet_keys, check_public_keys


def test_a_key_is_taken_as_it_stands() -> None:
    key = Fernet.generate_key().decode()

    assert key == check_fernet_key(key)


@pytest.mark.parametrize("key", ["", "secret", "é" * 44, "A" * 43])
def test_what_is_no_key_is_refused(key: str) -> None:
    """Before a process starts, and without showing it."""
    with pytest.raises(ValueError, match="keys new") as caught:
        check_fernet_key(key)

    assert not key or key not in str(caught.value)


def test_several_keys_stand_between_commas() -> None:
    """Spaces are dropped; one that is none spoils them all."""
    first, second = (Fernet.generate_key().decode() for _ in range(2))

    assert f"{first},{second}" == check_fernet_keys(f"{first}, {second} ")
    with pytest.raises(ValueError, match="keys new"):
        check_fernet_keys(f"{first},")


PUBLIC = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("given", "kept"), [("", ""), (f" {PUBLIC} ", PUBLIC), (f"{PUBLIC},", PUBLIC)]
)
def test_public_keys_stand_between_commas_too(given: str, kept: str) -> None:
    """None at all is fine: then nothing was signed before."""
    assert kept == check_public_keys(given)


@pytest.mark.parametrize("given", ["key", PUBLIC[:-4], f"{PUBLIC},x"])
def test_what_is_no_public_key_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="audit keys"):
        check_public_keys(given)
