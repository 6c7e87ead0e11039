"""Which numbers are whole, and their digits."""

import pytest

from gateway.redaction.number import whole_digits


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("15551234567", "15551234567"),
        ("15551234567.", "15551234567"),
        ("15551234567.00", "15551234567"),
        ("1.5551234567e10", "15551234567"),
        ("1.5551234567E+10", "15551234567"),
        ("1e5", "100000"),
        ("-7.0", "-7"),
        ("007", "007"),
        ("1" * 5_000, "1" * 5_000),
        ("1.55e1", None),
        ("1e41", None),
        ("1e400", None),
        ("0.5", None),
        ("1.2.3", None),
        ("nan", None),
    ],
)
def test_a_whole_number_is_its_digits(number: str, digits: str | None) -> None:
    assert digits == whole_digits(number)
