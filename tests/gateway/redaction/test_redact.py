"""Redaction: canaries in every place that a connector's answer may hold them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.redact import Placeholders, redact, redact_text, storable

EMAIL = "ann.canary@example.org"
SECRETS = [
    "xoxb-1234567890-abcdefghij",
    "xapp-1-A0123456789-abcdef",
    "ghp_" + "a" * 36,
    "AKIA" + "A" * 16,
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJlZm9v",
    "sk-" + "a" * 32,
    "Bearer abcdefghijklmnopqrstuvwxyz",
    "password=hunter2hunter2",
    'api_key: "0123456789abcdef"',
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def hidden() -> Placeholders:
    return Placeholders(key=b"task")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_removed_for_good(secret: str) -> None:
    """What looks like a credential leaves no trace and no placeholder."""
    placeholders = hidden()
    clean = redact_text(f"before {secret} after", placeholders)

    assert secret not in clean
    assert "⟨secret⟩" in clean
    assert clean.startswith("before ")
    assert [] == placeholders.fresh


@pytest.mark.parametrize("key", ["password", "token", "Authorization", "api-key"])
def test_a_secret_key_hides_any_value(key: str) -> None:
    """Under such a key nothing is shown, whatever it looks like."""
    assert {key: "⟨secret⟩"} == redact({key: "short"}, hidden())


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("email", "not even an address", "email"),
        ("phone", 491_234_567, "phone"),
        ("First-Name", "Ann", "name"),
        ("postal_address", "Main St 1", "address"),
        ("dob", "1990-01-01", "birth"),
    ],
)
def test_a_personal_key_hides_its_value(key: str, value: object, kind: str) -> None:
    """Keys say what a value is, before any pattern does."""
    found = redact({"users": [{key: value}]}, hidden())  # type: ignore[dict-item]

    assert {"users": [{key: f"⟨{kind}:1⟩"}]} == found


def test_one_value_has_one_placeholder() -> None:
    """Case and blanks aside, an address is the same wherever it stands."""
    found = redact({"a": f"{EMAIL} {EMAIL.upper()}", "email": f" {EMAIL} "}, hidden())

    assert {"a": "⟨email:1⟩ ⟨email:1⟩", "email": "⟨email:1⟩"} == found


def test_another_value_has_another_placeholder() -> None:
    """Numbers go on from what the task knows already."""
    placeholders = hidden()
    redact_text(EMAIL, placeholders)

    assert "⟨email:2⟩" == redact_text("bob@example.org", placeholders)


def test_a_placeholder_says_nothing_of_its_value() -> None:
    """Another task's key gives another fingerprint."""
    first, second = Placeholders(key=b"one"), Placeholders(key=b"two")
    redact_text(EMAIL, first)
    redact_text(EMAIL, second)

    assert first.fresh[0][2] != second.fresh[0][2]
    assert EMAIL not in first.fresh[0][2]


@given(
    body=st.dictionaries(st.text(), JSON, max_size=4),
    left=st.text(alphabet=" ,;<>()\"'", max_size=3),
)
def test_a_canary_never_leaves(body: dict[str, object], left: str) -> None:
    """Whatever stands around it, an address put anywhere is found."""
    planted = {**body, "deep": [{"text": f"{left}{EMAIL}{left}"}, body]}
    found = redact(planted, hidden())  # type: ignore[arg-type]

    assert EMAIL not in str(found)


@given(st.text())
def test_what_leaves_can_be_stored(text: str) -> None:
    """No NUL and no half surrogate is left, and nothing else changes."""
    clean = storable(text + "\0\ud800")

    assert clean == clean.encode().decode()
    assert "\0" not in clean
    assert len(text) + 2 == len(clean)
