"""Zones of a long text: near what tells."""

import re

from gateway.redaction.address_zone import address_zones
from gateway.redaction.find import find
from gateway.redaction.hint import hints
from gateway.redaction.span import Kind, Policy

PLAIN = "2031-04-05T06:07:08Z info get healthz 200\n" * 100


def zones_of(text: str) -> list[str]:
    lines = [
        (hit.start(), hit.end(), hints(hit[0].lower()))
        for hit in re.finditer(r"[^\n]+", text)
    ]
    return [text[start:end] for start, end in address_zones(text, lines)]


def test_a_text_without_any_has_no_zone() -> None:
    assert [] == zones_of(PLAIN)


def test_a_long_text_has_zones_near_what_tells() -> None:
    """Whole lines, a few to each side; near ones are one."""
    text = f"{PLAIN}one\nBirch Street 3\ntwo\n{PLAIN}in Portugal\nand Spain\n{PLAIN}"
    zones = zones_of(text)

    assert 2 == len(zones)
    assert "one\nBirch Street 3\ntwo\n" in zones[0]
    assert "in Portugal\nand Spain\n" in zones[1]
    assert len(zones[0]) < 500


def test_commas_tell_where_a_postcode_or_a_cue_is_near() -> None:
    text = f"{PLAIN}one, two\n{PLAIN}Elm, Hull\nHU1 2AB 9\n{PLAIN}"
    [zone] = zones_of(text)

    assert "Elm, Hull\nHU1 2AB 9\n" in zone


def test_of_a_long_line_beside_one_end_is_a_zone() -> None:
    text = f"{'x' * 999}\nBirch Street 3\n{'y' * 999}\nBirch"
    [zone] = zones_of(text)

    assert f"{'x' * 160}\nBirch Street 3\n{'y' * 160}" == zone


def test_what_tells_at_the_edges() -> None:
    text = f"Birch Street\n{PLAIN}Birch Street"
    first, last = zones_of(text)

    assert text.startswith(first)
    assert text.endswith(last)


def test_an_address_in_a_long_text_is_found_whole() -> None:
    """Its lines before and after the one that tells as well."""
    address = "Kim Lee Ltd\nUnit 4\nBirch Street 3\nBristol BS1 9ZZ"
    text = f"{PLAIN}\n{address}\n\n{PLAIN}"
    [span] = [one for one in find(text, policy=Policy()) if one.kind is Kind.ADDRESS]

    assert address == text[span.start : span.end]
