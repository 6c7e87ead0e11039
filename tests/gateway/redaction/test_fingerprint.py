"""Fingerprints and pseudonyms: alike for what is the same, blind without the key."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.fingerprint import fingerprint, pseudonym, tenant_key

KEY = b"key"
SAME = [
    ("email", "Ann@example.org", " ann@EXAMPLE.org "),
    ("phone", "+49 (30) 1234-567", "+49301234567"),
    ("name", "Ann Lee", "ann lee"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_the_same_person_is_the_same(kind: str, one: str, other: str) -> None:
    """However the value is written."""
    assert fingerprint(KEY, kind, one) == fingerprint(KEY, kind, other)
    assert pseudonym(KEY, kind, one) == pseudonym(KEY, kind, other)


def test_what_has_to_come_back_to_the_letter_is_told_apart_by_it() -> None:
    """A state differs from one in other letters: an undo restores one of them."""
    assert fingerprint(KEY, "former", "On") != fingerprint(KEY, "former", "on")
    assert fingerprint(KEY, "user_id", "u_aB") != fingerprint(KEY, "user_id", "u_Ab")


@given(value=st.text(), kind=st.sampled_from(["email", "name"]))
def test_a_pseudonym_is_letters_and_is_no_number(value: str, kind: str) -> None:
    """So it is never taken for a task's own placeholder."""
    assert re.fullmatch(rf"⟨{kind}:[b-z]{{8}}⟩", pseudonym(KEY, kind, value))


def test_a_kind_a_key_and_a_tenant_tell_apart() -> None:
    """One value as two kinds, or under two keys, is two."""
    made = {
        pseudonym(tenant_key("secret", "acme"), "email", "x"),
        pseudonym(tenant_key("secret", "globex"), "email", "x"),
        pseudonym(tenant_key("other", "acme"), "email", "x"),
        pseudonym(tenant_key("secret", "acme"), "name", "x"),
    }

    assert 4 == len(made)
