"""Words of streets, names and postcodes."""

import pytest

from gateway.redaction.street import (
    BROKEN_POSTCODE,
    HOUSE_NUMBER,
    POSTCODE,
    bare,
    has_street_ending,
    is_name_like,
    is_street_word,
)


@pytest.mark.parametrize("word", ["Street", "rd.", "rue", "Calle", "ул.", "شارع"])
def test_a_street_word(word: str) -> None:
    assert is_street_word(word)


@pytest.mark.parametrize("word", ["Lindenstraße", "Birkagatan", "Kerkstraat"])
def test_a_word_that_ends_as_a_street(word: str) -> None:
    assert has_street_ending(word, has_number=False)


def test_an_ending_that_is_shared_needs_a_number() -> None:
    """A ring is a road only with a house on it."""
    assert has_street_ending("Stadtring", has_number=True)
    assert not has_street_ending("Stadtring", has_number=False)
    assert not has_street_ending("weg", has_number=True)


@pytest.mark.parametrize("word", ["Oslo", "12a", "(Mitte)", "de", "улица", "東京", "&"])
def test_a_word_of_a_name(word: str) -> None:
    assert is_name_like(word)


@pytest.mark.parametrize("word", ["failed", "took", "please", "=", ""])
def test_a_word_of_prose(word: str) -> None:
    assert not is_name_like(word)


@pytest.mark.parametrize("code", ["SW1A 1AA", "75008", "K1A 0B1", "1010 AB", "110 00"])
def test_a_postcode(code: str) -> None:
    assert POSTCODE.fullmatch(code)


@pytest.mark.parametrize("text", ["Leeds LS1 4AP", "NY 10001", "00-950 Gdynia"])
def test_a_postcode_whose_form_is_its_own(text: str) -> None:
    assert BROKEN_POSTCODE.search(text)


@pytest.mark.parametrize("text", ["12 High Street", "Lindenweg 7b", "Rua Azul 12-14"])
def test_a_house_number(text: str) -> None:
    assert HOUSE_NUMBER.search(text)


def test_marks_around_a_word_do_not_count() -> None:
    assert "rd" == bare("(Rd.),")
