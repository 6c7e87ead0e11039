"""Names and addresses behind a key that nothing encloses."""

import pytest

from gateway.redaction.redact import Placeholders, redact_text
from gateway.redaction.unquoted_words import COMPLAINT

_HIDDEN = [
    ("level=info first_name={} msg=hello", "Kim"),
    ("GET /find?first_name={}&page=2 HTTP/1.1", "Kim"),
    ("GET /find?full_name={} HTTP/1.1", "Kim+Novak"),
    ("GET /find?full_name={} HTTP/1.1", "Kim%20Novak"),
    ("User(id=7, full_name={}, age=30)", "Kim Novak"),
    ("customer_name={} status=open", "Zoë Novák"),
    ("first_name={} was not accepted", "Kim"),
    ("street={}&city=Bonn", "Elm+Street+12"),
    ("Address(street={}, city=Bonn)", "Elm Street 12"),
    ("address={} ts=17", "12 Elm Street, Springfield"),
    ("address={} ts=17", "Elm Street 12"),
    ("home_address={} ts=17", "12 Elm Street, Springfield"),
    ("shipping_address={} could not be found", "12 Elm Street"),
    ("postcode={} lines=3", "SW1A 1AA"),
    ("First name: {}", "Kim"),
    ("Full name: {}\nOrder: 7", "Kim Novak"),
    ("please write, last name: {}, order 7", "Novak"),
    ("**Customer name:** {}", "Kim Novak"),
    ("Account holder's name: {}", "Kim Novak"),
]
_LEFT = [
    *(
        "first_name=required",
        "last_name=null",
        "first_name=first_name",
        "name=discourse",
    ),
    *(
        "address=10.0.0.1:8080 up",
        "address=db-1 up",
        "addr=db.local up",
        "addr=db-1:5432",
        "street=unknown",
        "file_name=x.py",
    ),
    *(
        "First name: is required",
        "Last name is missing",
        "full_name=",
        "Pod name: web-1",
    ),
    *(
        "address=could not be resolved",
        "display_name=p99 latency",
        "customer_name=true",
    ),
]


@pytest.mark.parametrize("around", ["{}", "2026-05-01T10:00:00Z {}", "a\n{}\nb"])
@pytest.mark.parametrize(("form", "value"), _HIDDEN)
def test_it_is_hidden_and_the_rest_stays(form: str, value: str, around: str) -> None:
    text = around.format(form.format(value))
    placeholders = Placeholders(key=b"k")
    once = str(redact_text(text, placeholders))

    assert value not in once
    [(placeholder, *_)] = placeholders.fresh
    assert text == once.replace(placeholder, value)
    assert once == str(redact_text(once, placeholders))


@pytest.mark.parametrize("text", _LEFT)
def test_what_names_nobody_stays(text: str) -> None:
    assert text == str(redact_text(text, Placeholders(key=b"k")))


def test_a_complaint_is_told() -> None:
    assert COMPLAINT.search("is required")
    assert not COMPLAINT.search("Isolde")
