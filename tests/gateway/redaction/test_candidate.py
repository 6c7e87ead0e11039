"""Digits that no detector would take are told before evidence is looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.candidate import may_hold_number
from gateway.redaction.card import cards
from gateway.redaction.national_id import national_ids
from gateway.redaction.phone import international_phones, national_phones
from gateway.redaction.shields import shields
from gateway.redaction.span import Taken

PIECES = (
    "2031-04-05T10:43:55.865Z", "2031-04-05 10:43", "192.168.129.103", "10.0.0.1:8080",
    "1742222616610", "1712345678", "port 192 168", "HTTP/1.1 200", "1.2 3.4 192.168",
    "6534.978440001607", "736125", "5551234567", "555-123-4567", "(555) 123-4567",
    "020 7946 0018", "+44 20 7946 0018", "0049 30 901820", "tel:110", "sms:5551234",
    "4111 1111 1111 1111", "4111111111111111", "12345678Z", "X1234567L",
    "123.456.789-09", "GB82WEST12345698765432", "v1.2.3", "1-800", "sha256:1234567",
    "call me at", "phone:", "id=", "to=", '"', "'", "(", ")", " ", " ", " ", ", ", ":",
    "=", "-", ".", "/", "x", "1", "00", "\u00a0", "‐", "é",  # noqa: RUF001 - a hyphen
)  # fmt: skip


def numbers(text: str) -> list[tuple[int, int]]:
    """Give what the detectors find around evidence."""
    taken = Taken()
    taken.add(shields(text))
    return [
        *cards(text, taken),
        *national_ids(text, taken, has_cue=False),
        *international_phones(text, taken),
        *national_phones(text, taken, (), has_cue=True),
    ]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_nothing_is_found_where_no_number_may_be(text: str) -> None:
    """Whatever stands beside what: a detector that was not asked had nothing to say."""
    if not may_hold_number(text, has_cue=True):
        assert [] == numbers(text), text


@pytest.mark.parametrize(
    "text",
    [
        "2031-04-05T10:43:55.865Z [INFO] a - IP: 192.168.129.103 - b: 9lp406gsz1e",
        '{"level":30,"time":1742222616610,"remotePort":58878,"took":6534.978440001607}',
        "Key (id)=(736125) already exists",
    ],
)
def test_the_digits_of_logs_are_told_by_themselves(text: str) -> None:
    assert not may_hold_number(text, has_cue=True)


@pytest.mark.parametrize(
    "text",
    [
        "call me at 1712345678",
        'a="555-223-4567"',
        "(555) 123-4567",
        "at 10.0.0.1, (555) 123-4567",
        "+44 20 7946 0018",
        "4111111111111111",
        "12345678Z",
        "tel:5551234",
    ],
)
def test_a_number_is_a_candidate(text: str) -> None:
    assert may_hold_number(text, has_cue=True)
