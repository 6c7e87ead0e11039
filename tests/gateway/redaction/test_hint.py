"""What the words of a text hint at."""

from itertools import product

import pytest

from gateway.redaction.hint import Hint, hints
from gateway.redaction.keys import kind_of_key, telling_words


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a customer_email here", Hint.KEY),
        ('{"x-api-key":1}', Hint.KEY),
        ("the social security number", Hint.NATIONAL_ID),
        ("off to portugal", Hint.COUNTRY),
        ("please dial 5", Hint.PHONE),
        ("in lindenstraße", Hint.STREET),
        ("12 harbour road", Hint.STREET),
        ("上海市世纪大道100号", Hint.STREET),
        ("ghp_", Hint.MARK),
        ("akiaq2w3", Hint.MARK),
        ("a proxy-authorization header", Hint.KEYWORD),
        ("ph: 5551234", Hint.DIALLED),
        ("relocat12", Hint.CUE_BEGINS),
    ],
)
def test_a_word_is_a_hint(text: str, hint: Hint) -> None:
    assert hints(text) & hint


TELLING = (
    "customerEmail phones home_tel address_line_1 street firstName patient_name dob"
    " DB_PASSWORD api_key sshKey access_token Set-Cookie cardNumber post_code zipCode"
    " tax_id ssn iban social_security_number e-mail whatsApp pass_word"
)


def test_each_telling_key_is_a_hint() -> None:
    """Else its value would not be looked for."""
    for key in TELLING.split():
        assert kind_of_key(key), key
        assert hints(key.lower()) & Hint.KEY, key


def test_each_last_word_is_a_hint_in_every_spelling() -> None:
    """In lower case the humps are gone, and what is behind the word stays."""
    for word in telling_words():
        for head, tail in product(("", "user_", "user"), ("", "s", "No", "_value")):
            key = f"{head}{word.capitalize() if head == 'user' else word}{tail}"
            if kind_of_key(key) is not None:
                assert hints(key.lower()) & Hint.KEY, key


def test_words_of_any_script_are_judged_alike() -> None:
    """A sign that is not ASCII changes nothing for the words beside it."""
    text = "the social security number, 12 harbour road"

    assert hints(text) == hints(f"{text} … ")


def test_most_logs_hint_at_nothing() -> None:
    assert 0 == hints("2031-04-05 info http get /healthz 200 in 3 ms")
