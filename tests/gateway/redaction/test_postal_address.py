"""Addresses in sentences of our own; and prose and logs that are none."""

import pytest

from gateway.redaction.postal_address import has_break, postal_addresses
from gateway.redaction.shields import shields
from gateway.redaction.span import Taken

# Invented: no such houses stand there.
ADDRESSES = [
    "Lindenallee 7, 20457 Hamburg, Germany",
    "12 Harbour Road, Bristol BS1 9ZZ, United Kingdom",
    "48 Rue des Tilleuls, 69003 Lyon, France",
    "Calle del Sol 15, 28099 Madrid, Spain",
    "901 Cedar Avenue, Springfield, IL 62799, United States of America",
    "Via dei Pini 3, 00199 Roma RM, Italy",
    "ul. Klonowa 4, 00-999 Warszawa, Poland",
    "Björkgatan 22, 411 99 Göteborg, Sweden",
    "улица Садовая 5, 190999 Санкт-Петербург, Россия",
    "شارع النخيل, القاهرة, مصر",
]
WITHOUT_COUNTRY = [
    "Lindenallee 7, 20457 Hamburg",
    "12 Harbour Road, Bristol BS1 9ZZ",
    "48 Rue des Tilleuls, 69003 Lyon",
    "901 Cedar Avenue, Springfield, IL 62799",
    "Björkgatan 22, 411 99 Göteborg",
]
SENTENCES = [
    "{}",
    "the parcel for {} came back",
    "customer moved to {} last week",
    'note="new home {}" agent=7',
    '{{"kind":"lead","site":"{}","n":3}}',
    "cache miss for {} (3 ms)",
    "2031-02-03T04:05:06Z WARN label printed: {}",
    "lookup({}) -> none",
]


def found(text: str) -> list[str]:
    taken = Taken()
    taken.add(shields(text))
    return [
        text[start:end] for start, end in postal_addresses(text, taken, (0, len(text)))
    ]


@pytest.mark.parametrize("address", ADDRESSES + WITHOUT_COUNTRY)
@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("break_", [", ", "\n", "\r\n"], ids=["commas", "lines", "DOS"])
def test_an_address_is_found(address: str, sentence: str, break_: str) -> None:
    """Whatever sentence it stands in, in one line or several."""
    written = address.replace(", ", break_)

    assert any(written in one for one in found(sentence.format(written)))


@pytest.mark.parametrize(
    "text",
    [
        "lives at 12 Harbour Road",
        "ship to 12 Harbour Road Bristol BS1 9ZZ today",
        "gone from 12 Harbour Road Bristol BS1 9ZZ",
    ],
)
def test_a_single_line_without_commas(text: str) -> None:
    """House number, street and postcode, or a cue before the street."""
    [address] = found(text)

    assert address.startswith("12 Harbour Road")


@pytest.mark.parametrize(
    "text",
    [
        "WARN 12 Drive failures in bay 3",
        "404 Road not found in routing table",
        "10 Main thread blocked, 5 Court records indexed",
        "Retrying request, attempt 3, Backoff 500",
        "Alice, Bob and Carol merged, Dave reviewed",
        'File "/srv/app/way.py", line 1845, in handle',
        "CPU, Memory, Disk",
        "Mon, Tue, Wed: 10, 20, 30",
        "NAME READY STATUS\nPod Running 5\nJob Pending 12",
        "Error: ECONNREFUSED, Caused by: Timeout, Node 12",
        "Restarted Gateway 3, Queue 4 drained",
        "We deployed, Then It Broke, Rolled Back",
        "path /a/b/c, Way 3",
        "Disk at 91 %, 12 Way RAID, Drive 3 failing",
        "node is NotReady, Georgia region",
        "Sent order 12 to finance:0\n  Normal   Started    56m",
        "shipped via DHL 00340434161094042557",
        "Port 8080, 8443, 9090 open",
        "PID 48211, UID 1000, GID 1000, TTY 4",
        "Germany down 12%, France down 8%",
        "City: HIDDEN FOR PRIVACY\nAdmin Street: HIDDEN FOR PRIVACY\nState: X",
    ],
)
def test_prose_and_logs_are_left(text: str) -> None:
    assert [] == found(text)


def test_an_address_stops_at_its_sentence() -> None:
    text = "my address is 12 Harbour Road, Bristol BS1 9ZZ. Please update!"

    assert ["12 Harbour Road, Bristol BS1 9ZZ"] == found(text)


def test_an_address_stops_at_evidence() -> None:
    """No address goes on over an instant."""
    text = "deliver to Lindenallee 7, 20457 Hamburg 2031-02-03T04:05:06Z, Late"

    assert ["Lindenallee 7, 20457 Hamburg"] == found(text)


def test_most_addresses_have_a_break() -> None:
    assert has_break("Birch Row 3, Town")
    assert not has_break("a,b")


def test_a_short_piece_before_a_key_is_judged_too() -> None:
    """A field may be of any length once the key at its end is left out."""
    assert ["Kim\n&"] == found("mail=k: Kim\n& a.name=1")


def test_a_word_that_the_window_cuts_may_be_a_cue() -> None:
    """What stands before is read from the window's edge, whatever words hint at."""
    text = f'xhome{"." * 67}"Lime Street, Foo"'
    hits = postal_addresses(text, Taken(), (0, len(text)), has_cue=False)

    assert ["Lime Street, Foo"] == [text[start:end] for start, end in hits]
