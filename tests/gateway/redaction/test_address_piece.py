"""What a piece of an address holds."""

import re

import pytest

from gateway.redaction.address_piece import (
    Piece,
    country_prefix,
    is_country,
    weigh_piece,
)


def words(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"\S+", text))


def weigh(text: str) -> Piece:
    piece = weigh_piece(text, words(text), is_first=True)
    assert piece
    return piece


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("12 Harbour Road", {"street", "number"}),
        ("Lindenallee 7", {"street", "number"}),
        ("15 Rue Bleue", {"street", "number"}),
        ("20457 Hamburg", {"postcode"}),
        ("Bristol BS1 9ZZ", {"broken_postcode"}),
        ("Portugal", {"country"}),
        ("Birch House", set()),
        ("12 Drive failures", {"number"}),
    ],
)
def test_what_a_piece_holds(text: str, held: set[str]) -> None:
    piece = weigh(text)
    names = {"street", "number", "postcode", "broken_postcode", "country"}

    assert held == {name for name in names if getattr(piece, name)}


def test_the_edges_are_left_out() -> None:
    """Particles before a name, marks around it; nothing is no piece."""
    text = "in (Hamburg),"
    piece = weigh(text)

    assert "Hamburg" == text[piece.start : piece.end]
    assert weigh_piece("in", words("in"), is_first=True) is None
    assert weigh_piece("in", words("in"), is_first=False)


def test_a_country_in_prose() -> None:
    """With its postcode, or before words that are none of it."""
    assert is_country(["Singapore", "018956"])
    assert not is_country(["Berlin"])
    assert 2 == country_prefix(words("South Africa yesterday"))
    assert 0 == country_prefix(words("yesterday"))
