"""Check digits: a right one passes, any other digit in its place does not."""

from collections.abc import Callable

import pytest

from gateway.redaction.checksum import (
    is_bsn,
    is_codice_fiscale,
    is_cpf,
    is_dni,
    is_luhn,
    is_mod_97,
    is_nir,
    is_personnummer,
    is_pesel,
    is_verhoeff,
)

# The test numbers of the schemes themselves, and numbers computed by hand.
RIGHT: list[tuple[Callable[[str], bool], str]] = [
    (is_luhn, "4111111111111111"),
    (is_luhn, "378282246310005"),
    (is_mod_97, "GB82WEST12345698765432"),
    (is_mod_97, "DE89370400440532013000"),
    (is_verhoeff, "2363"),
    (is_dni, "12345678Z"),
    (is_dni, "X1234567L"),
    (is_bsn, "111222333"),
    (is_cpf, "11144477735"),
    (is_pesel, "44051401359"),
    (is_nir, "255081416802538"),
    (is_codice_fiscale, "MRTMTT25D09F205Z"),
    (is_personnummer, "191212121212"),
]


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_a_right_number_passes(check: Callable[[str], bool], number: str) -> None:
    assert check(number)


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_another_last_sign_fails(check: Callable[[str], bool], number: str) -> None:
    last = number[-1]
    signs = "0123456789" if last.isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    others = [number[:-1] + sign for sign in signs if sign != last]
    assert not any(map(check, others))


def test_one_digit_eleven_times_is_no_cpf() -> None:
    """Although its check digits are right."""
    assert not is_cpf("11111111111")
