"""International numbers by themselves; national ones where something says so."""

import pytest
from phonenumbers import (
    PhoneNumberFormat,
    example_number,
    format_number,
)

from gateway.redaction.phone import (
    begins_national,
    has_international_form,
    international_phones,
    national_phones,
)
from gateway.redaction.shields import shields
from gateway.redaction.span import Taken

WIDE = "".join(chr(ord(one) + 0xFEE0) for one in "+442079460018")
REGIONS = ["AR", "AU", "BR", "CN", "DE", "EG", "FR", "GB", "IN", "JP", "KE", "MX", "US"]
INTERNATIONAL = [
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.RFC3966,
]
CUED = [
    "please call {} after six",
    "caller={} queue=2",
    '{{"kind":"lead","phone":"{}"}}',
    "Telefon: {}",
    "SMS to {} bounced",
    'field=mobile value="{}" bad',
    "my number is {}, thanks",
    "GET /lookup?msisdn={}&x=1",
    "event=signup method=sms identity={} ok=true",
]


def written(region: str, form: int) -> str:
    number = example_number(region)
    assert number
    return format_number(number, form)


def found(text: str, *regions: str) -> list[str]:
    taken = Taken()
    taken.add(shields(text))
    hits = taken.add(international_phones(text, taken))
    hits += taken.add(national_phones(text, taken, regions, has_cue=True))
    return [text[start:end] for start, end in sorted(hits)]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("form", INTERNATIONAL)
def test_an_international_number_needs_no_cue(region: str, form: int) -> None:
    number = written(region, form)
    bare = number.removeprefix("tel:")

    assert [bare] == found(f"payload={number};retry=2")
    assert [bare] == found(f"x {number} y")


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("sentence", CUED)
def test_a_cue_or_key_makes_a_national_number(region: str, sentence: str) -> None:
    number = written(region, PhoneNumberFormat.NATIONAL)

    assert [number] == found(sentence.format(number))


@pytest.mark.parametrize(
    "text",
    [
        "took 020 7946 ms",
        '"value": 23644.51',
        "offset=5551234 lag=92311",
        "rows 1234 5678 read",
        "id=30 123456",
        "021212862",
        '"GET / HTTP/1.1" 200 1532 88123',
        "+0200 and +5m",
        "call took 1234567 ms",
        "range=100-2000000",
        "GET /x?per_page=100 200 1532 0.012",
        "user saw 10.11.434 in build",
        "reached 100000 iterations",
        "user dump 9366 1003 2405 4a2b",
        "dialed 1048576 connections",
        "Ring 1234567 evicted",
        "call 18273645 took 120 ms",
        "phone home: 12345678 keys",
        "tel exporter port 9090 12345",
        "mobile-gateway 2024.11.26 build 7",
        "T: 1234567",
        "pH: 7.123456",
        "T:140735123456789",
        "ticket #9876543210",
        "phone ticket #9876543210",
    ],
)
def test_what_is_no_number_to_dial_is_left(text: str) -> None:
    assert [] == found(text)


def test_policy_may_name_a_region() -> None:
    """There a bare national number counts, if it is valid."""
    assert [] == found("left 02079460018 there")
    assert ["02079460018"] == found("left 02079460018 there", "GB")
    assert [] == found("left 99999999999 there", "GB")
    assert [] == found("ticket #02079460018 there", "GB")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("call 0044 20 7946 0018 now", "0044 20 7946 0018"),
        ("call (020) 7946 0018 (2 times)", "(020) 7946 0018"),
        ("+44 20 7946 0018 ext 12", "+44 20 7946 0018 ext 12"),
        ("+442079460018 200 1532", "+442079460018"),
        ("(555) 234-0199 left", "(555) 234-0199"),
        ("lead +989601 warm", "+989601"),
        ("reach me at 5550199 then", "5550199"),
        ("T: 0201234567 ok", "0201234567"),
        ("Jo, M: 9876543210", "9876543210"),
        ("ph. 5550199", "5550199"),
        ("ph. 712 345 ok", "712 345"),
        ("phone #9876543210", "9876543210"),
        ("call me at 2125550142 then", "2125550142"),
        ("phone 020\u200b7946\u200b0018", "020\u200b7946\u200b0018"),
        ("+44\u200b20\u200b7946\u200b0018", "+44\u200b20\u200b7946\u200b0018"),
        ("x +٤٤٢٠٧٩٤٦٠٠١٨", "+٤٤٢٠٧٩٤٦٠٠١٨"),
        (f"x {WIDE}", WIDE),
    ],
)
def test_a_number_ends_where_it_does(text: str, number: str) -> None:
    assert [number] == found(text)


def test_numbers_side_by_side_are_all_found() -> None:
    """Only blanks divide them."""
    numbers = ["0171 5550199", "030 5550198", "(020) 7946 0018"]

    assert numbers == found(f"call {' '.join(numbers)} now")


def test_hostile_numbers_are_not_all_validated() -> None:
    """Past the bound the form alone decides, against the text."""
    text = "+4420794600 " * 2_100

    assert 2_100 == len(found(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at +44 20", False),
        ("at +44 20 7946", True),
        ("00 44 20 7946 0018", True),
        ("2031-04-05 00:00:00", False),
        ("TEL:110", True),
        ("hotel:110", False),
        ("callto:(020)1234", True),
    ],
)
def test_the_form_of_an_international_number(text: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Valid or not."""
    assert expected is has_international_form(text)


def test_a_number_that_begins_with_evidence_is_none() -> None:
    text = "call 1712345678"

    assert begins_national(text, 5, has_cue=True, is_evidence=lambda *_: False)
    assert not begins_national(text, 5, has_cue=True, is_evidence=lambda *_: True)
    assert not begins_national(text, 5, has_cue=False, is_evidence=lambda *_: False)
