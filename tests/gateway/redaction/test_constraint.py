"""What a database says of a row that it refuses names nobody."""

import pytest

from gateway.redaction.constraint import constraints
from gateway.redaction.redact import Placeholders, redact, redact_text
from gateway.redaction.span import Policy

_HIDDEN = [
    ("Key (phone)=({}) already exists.", "0155512345"),
    ("Key (phone)=(7) conflicts with existing key (phone)=({}).", "0155512345"),
    ("Key (first_name)=({}) already exists.", "Kim"),
    ('Key (full_name)=({}) is not present in table "people".', "Kim Novak"),
    ("Key (lower(full_name::text))=({}) already exists.", "kim novak"),
    ("DETAIL:  Key (org_id, home_address)=(7, {}) already exists.", "12 Elm Street"),
    ("Key (full_name)=({}), SQLState: 23505", "Kim Novak"),
    ("Schlüssel »(full_name)=({})« existiert bereits.", "Kim Novak"),
    ("Partition key of the failing row contains (full_name) = ({}).", "Kim Novak"),
    # a value that holds what parts them: none can be told from the next
    ("Key (org_id, full_name)=(7, {}) already exists.", "Novak, Kim"),
    ("Duplicate entry '{}' for key 'users.full_name'", "Kim Novak"),
    ("(1062, \"Duplicate entry '{}' for key 'uq_phone'\")", "0155512345"),
    ("Duplicate entry \\'{}\\' for key \\'users.full_name\\'", "Kim Novak"),
    ("Duplicate entry '{}' for key `users_first_name_unique`", "Kim O'Neill"),
]
_LEFT = [
    "SET (first_name, token) = (EXCLUDED.first_name, EXCLUDED.token)",
    "WHERE (u.token) = (s.token)",
    "my ($token) = (shift);",
    r"r'(token)=(\w+)'",
    "Key (id)=(4711) already exists.",
    'Key (service)=(discourse) is not present in table "services".',
    "Key (phone)=(null) is not present",
    "Key (full_name)=(checkout-service) already exists",
    "Duplicate entry '4711' for key 'PRIMARY'",
    "Duplicate entry 'discourse-7f9c' for key 'pods.pod_name'",
]


@pytest.mark.parametrize("line", ["{}", "pq: ERROR {}", "at 10:00 {}\nSTATEMENT: x"])
@pytest.mark.parametrize(("form", "value"), _HIDDEN)
def test_a_telling_column_hides_its_value(form: str, value: str, line: str) -> None:
    """In a text, and in a text of JSON; what was hidden holds nothing more."""
    text = line.format(form.format(value))
    placeholders = Placeholders(key=b"k")
    once = str(redact_text(text, placeholders))
    in_json = redact({"error": text}, Placeholders(key=b"k"))

    assert value not in once
    assert value not in str(in_json)
    assert once == str(redact_text(once, placeholders))


@pytest.mark.parametrize("text", _LEFT)
def test_what_names_nobody_stays(text: str) -> None:
    assert text == str(redact_text(text, Placeholders(key=b"k")))


def test_only_the_telling_columns_are_hidden() -> None:
    text = "Key (tenant, phone, day)=(acme, 0155512345, 2026-05-01) already exists."
    [span] = constraints(text, Policy())

    assert "0155512345" == text[span.start : span.end]


def test_a_secret_among_them_is_gone_for_good() -> None:
    """Though which of the values it is can't be told."""
    placeholders = Placeholders(key=b"k")
    text = "Key (full_name, token)=(Novak, Kim, abcdEF12345678) already exists."

    assert "⟨secret⟩" in redact_text(text, placeholders)
    assert not placeholders.fresh


def test_a_secret_in_a_name_s_column_is_no_name() -> None:
    placeholders = Placeholders(key=b"k")
    text = "Key (full_name)=(ghp_16C7e42F292c6912E7710c838347Ae178B4a) already exists."
    redact_text(text, placeholders)

    assert 1 == placeholders.secrets_removed
    assert not placeholders.fresh


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Key (phone)=(4111111111111111) already exists.", "⟨card⟩"),
        ("Duplicate entry '4111111111111111' for key 'users.uq_phone'", "⟨card⟩"),
        (
            "Duplicate entry 'kim@x.com-s3cr3tTok99' for key 'users.uq_token_email'",
            "⟨s",
        ),
        ("Key (home_address)=(4111 1111 1111 1111 Elm Street) already", "⟨card⟩"),
    ],
)
def test_what_is_gone_for_good_outranks_what_its_column_says(
    text: str, mark: str
) -> None:
    placeholders = Placeholders(key=b"k")

    assert mark in redact_text(text, placeholders)
    assert not placeholders.fresh
