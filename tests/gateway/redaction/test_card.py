"""Cards by issuer, length and check digit; ids that look like them are left."""

import pytest

from gateway.redaction.card import cards
from gateway.redaction.redact import Placeholders, redact_text
from gateway.redaction.span import Taken


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in cards(text, Taken())]


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555555555554444",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "3530111333300000",
    ],
)
@pytest.mark.parametrize(
    "sentence", ["paid with {}", 'pan="{}"', "card={};", "({})", "{} 12/27 123", "{} 0"]
)
def test_a_card_is_found(number: str, sentence: str) -> None:
    assert [number] == found(sentence.format(number))


def test_a_card_of_nineteen_digits_in_groups_is_found() -> None:
    text = "paid by 6221 2600 0000 0000 001"

    assert "paid by ⟨card⟩" == redact_text(text, Placeholders(key=b"k"))


def test_cards_side_by_side_are_all_found() -> None:
    number = "4111 1111 1111 1111"

    assert [number] * 50 == found(" ".join([number] * 50))
    assert [number] == found(f"5555 {number}")


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "9111111111111111",
        "offset=4111111111111111",
        "trace_id=4111111111111111",
        "4111111111111111.5",
        "4111-1111 1111-1111",
        "x4111111111111111",
    ],
)
def test_what_is_no_card_is_left(text: str) -> None:
    assert [] == found(text)
