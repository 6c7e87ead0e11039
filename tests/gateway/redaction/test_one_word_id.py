"""Ids of one word, by their country, their length and their check."""

import pytest

from gateway.redaction.one_word_id import one_word_ids
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in one_word_ids(text)]


@pytest.mark.parametrize(
    "number",
    [
        "GB82WEST12345698765432",
        # all of hexadecimal digits
        "DE89370400440532013000",
        "BE68539007547034",
        "FR1420041010050500013M02606",
        "X1234567L",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "IBAN {} is theirs", "paid to {}."])
def test_an_id_needs_no_cue(number: str, sentence: str) -> None:
    text = sentence.format(number)

    assert [number] == found(text)
    assert number not in redact_text(text, Placeholders(key=b"k"))


def test_a_small_one_is_told_by_its_name() -> None:
    """Without it, it may be a digest."""
    number = "de89370400440532013000"

    assert [number] == found(f"my iban is {number} thanks")
    assert [number] == found(f"IBAN: {number}")
    assert [] == found(f"commit {number}")
    assert [] == found("iban de89370400440532013001")


@pytest.mark.parametrize(
    "text",
    [
        # a wrong digit, another length, no country
        "DE89370400440532013001",
        "DE8937040044053201300",
        "QX89370400440532013000",
        "X1234567A",
        # within another word
        "ADE89370400440532013000",
        "DE89370400440532013000-1",
        "x-X1234567L",
    ],
)
def test_what_is_alike_is_left(text: str) -> None:
    assert [] == found(text)
