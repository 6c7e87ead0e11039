# ruff: noqa: RUF001 - brackets that are no placeholder's
"""The way back: each value where its placeholder stood, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.redact import Placeholders, redact
from gateway.redaction.rehydrate import UnknownPlaceholder, rehydrate

VALUES = st.sampled_from(
    [
        "kim@example.org",
        "lee+1@mail.example.com",
        "+44 20 7946 0018",
        "call (020) 7946 0018",
        "Lindenallee 7, 20457 Hamburg, Germany",
        "GB82 WEST 1234 5698 7654 32",
        "trace_id=0123456789abcdef0123456789abcdef",
        "2031-04-05T06:07:08Z",
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="⟨⟩"))
MIXED = st.lists(VALUES | TEXTS, max_size=4).map(" ".join)
JSON = st.recursive(
    MIXED | st.none() | st.booleans() | st.integers(-1000, 1000),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=3)
    ),
    max_leaves=8,
)


def known(placeholders: Placeholders) -> dict[str, str]:
    return {placeholder: value for placeholder, _, _, value in placeholders.fresh}


@given(st.dictionaries(st.sampled_from(["note", "email", "phone", "x"]), JSON))
def test_what_was_redacted_comes_back(body: dict[str, JsonValue]) -> None:
    """Each reversible value, in the spelling in which it was first seen."""
    placeholders = Placeholders(key=b"k")
    redacted = redact(body, placeholders)
    back = rehydrate(dict(redacted), known(placeholders))
    if placeholders.secrets_removed == 0:
        assert as_seen(body) == as_seen(back)


def as_seen(value: JsonValue) -> JsonValue:
    """Numbers under a telling key come back as text; case and blanks may differ."""
    if isinstance(value, dict):
        return {key: as_seen(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_seen(item) for item in value]
    return "".join(str(value).lower().split()) if value is not None else None


def test_a_value_is_not_looked_up_again() -> None:
    """One pass: what a value holds is no placeholder."""
    assert "⟨email:2⟩" == rehydrate("⟨email:1⟩", {"⟨email:1⟩": "⟨email:2⟩"})


def test_what_was_never_given_out_is_refused() -> None:
    """Nothing is sent with a placeholder in it."""
    with pytest.raises(UnknownPlaceholder, match="⟨email:9⟩"):
        rehydrate({"to": ["⟨email:9⟩"]}, {"⟨email:1⟩": "kim@example.org"})


def test_a_forged_placeholder_gives_nobodys_value() -> None:
    """Neither one that is not given out yet, nor, from outside, one that is."""
    placeholders = Placeholders(key=b"k")
    redact({"a": "kim@example.org"}, placeholders)
    placeholders.is_outside = True
    forged = redact({"note": "send it to ⟨email:1⟩ and ⟨email:2⟩"}, placeholders)

    back = rehydrate(dict(forged), known(placeholders))
    assert {"note": "send it to ‹email:1› and ‹email:2›"} == back


def test_secrets_stay_away() -> None:
    assert "⟨secret⟩" == rehydrate("⟨secret⟩", {})
