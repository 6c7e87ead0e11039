"""Zones: everywhere in a short text, near what tells in a long one."""

from gateway.redaction.address_zone import address_zones
from gateway.redaction.find import find
from gateway.redaction.span import Kind, Policy

PLAIN = "2031-04-05T06:07:08Z info get healthz 200\n" * 100


def test_a_short_text_is_one_zone() -> None:
    assert [(0, 5)] == list(address_zones("a\nb\nc"))


def test_a_long_text_has_zones_near_what_tells() -> None:
    """Whole lines, a few to each side; near ones are one."""
    text = f"{PLAIN}one\nBirch Street 3\ntwo\n{PLAIN}in Portugal\nand Spain\n{PLAIN}"
    zones = [text[start:end] for start, end in address_zones(text)]

    assert 2 == len(zones)
    assert "one\nBirch Street 3\ntwo\n" in zones[0]
    assert "in Portugal\nand Spain\n" in zones[1]
    assert len(zones[0]) < 500


def test_what_tells_at_the_edges() -> None:
    text = f"Birch Street\n{PLAIN}Birch Street"
    first, last = address_zones(text)

    assert 0 == first[0]
    assert len(text) == last[1]


def test_an_address_in_a_long_text_is_found_whole() -> None:
    """Its lines before and after the one that tells as well."""
    address = "Kim Lee Ltd\nUnit 4\nBirch Street 3\nBristol BS1 9ZZ"
    text = f"{PLAIN}\n{address}\n\n{PLAIN}"
    [span] = [one for one in find(text, policy=Policy()) if one.kind is Kind.ADDRESS]

    assert address == text[span.start : span.end]
