"""National ids by their check digit, or by a cue and a form."""

import pytest

from gateway.redaction.national_id import has_own_form, national_ids
from gateway.redaction.span import Taken


def found(text: str) -> set[str]:
    return {text[start:end] for start, end in national_ids(text, Taken(), has_cue=True)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("pay GB82 WEST 1234 5698 7654 32 now", "GB82 WEST 1234 5698 7654 32"),
        ("iban=DE89370400440532013000;", "DE89370400440532013000"),
        ("my iban is de89 3704 0044 0532 0130 00 now", "de89 3704 0044 0532 0130 00"),
        ("dni 12345678Z", "12345678Z"),
        ("NIE X1234567L", "X1234567L"),
        ("111.444.777-35", "111.444.777-35"),
        ("codice fiscale: MRTMTT25D09F205Z", "MRTMTT25D09F205Z"),
        ("SSN: 219-09-9999", "219-09-9999"),
        ("social security no. 219 09 9999", "219 09 9999"),
        ("BSN 111222333", "111222333"),
        ("PESEL 44051401359", "44051401359"),
        ("personnummer 121212-1212", "121212-1212"),
        ("passport no C01X00T47", "C01X00T47"),
        ("NINO AB 12 34 56 C", "AB 12 34 56 C"),
        ("n° sécu 2 55 08 14 168 025 38", "2 55 08 14 168 025 38"),
    ],
)
def test_an_id_is_found(text: str, number: str) -> None:
    assert number in found(text)


def test_an_id_ends_before_the_next_word() -> None:
    """Also if that is another id."""
    spain, germany = "ES91 2100 0418 4502 0005 1332", "DE89 3704 0044 0532 0130 00"

    assert {spain} == found(f"{spain} PAID")
    assert {spain, germany} == found(f"{spain} {germany}")


@pytest.mark.parametrize(
    "text",
    [
        "219-09-9999",
        "111222333",
        "44051401359",
        "12345678A",
        "GB82 WEST 1234 5698 7654 33",
        "111.444.777-36",
        "a bsn of 111222334",
    ],
)
def test_without_cue_or_with_a_wrong_digit_it_is_left(text: str) -> None:
    assert set() == found(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a DE89 3704 0044 b", True),
        ("12345678Z", True),
        ("12345678-Z.", True),
        ("X1234567L", True),
        ("(Y-1234567", True),
        ("123.456.789-09", True),
        ("xDE89 3704", False),
        ("a12345678Z", False),
        ("12345678Za", False),
        ("aX1234567", False),
        ("1123.456.789-09", False),
        ("2031-04-05T06:07:08Z", False),
    ],
)
def test_an_ids_own_form_is_told_by_a_part(text: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Only where it begins a word."""
    assert expected is has_own_form(text)
