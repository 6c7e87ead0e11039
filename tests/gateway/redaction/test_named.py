"""A key says what a value is; a secret in it is gone for good all the same."""

import pytest

from gateway.redaction.named import named_spans
from gateway.redaction.redact import Placeholders, redact, redact_text
from gateway.redaction.span import Kind

_SECRET = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own sample


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("first_name", _SECRET, "⟨secret⟩"),
        ("phone", "4111 1111 1111 1111", "⟨card⟩"),
        ("home_address", "12 Elm Street, password=hunter22x", "⟨address:1⟩⟨secret⟩"),
        ("first_name", f"Kim {_SECRET} Novak", "⟨name:1⟩⟨secret⟩⟨name:2⟩"),
        ("email", "kim@example.org", "⟨email:1⟩"),
        ("phone", "+44 20 7946 0018", "⟨phone:1⟩"),
    ],
)
def test_a_named_value_keeps_no_secret(key: str, value: str, told: str) -> None:
    """In JSON, and in JSON in a text: nothing of it is in the vault."""
    one, other = Placeholders(key=b"k"), Placeholders(key=b"k")
    text = redact_text(f'{{"{key}": "{value}"}}', other)

    assert {key: told} == redact({key: value}, one)
    assert f'{{"{key}": "{told}"}}' == text
    assert "ghp_" not in str(one.fresh) + str(other.fresh)


def test_a_value_without_one_is_one_span() -> None:
    value = "12 Harbour Road, Bristol BS1 9ZZ"
    [span] = named_spans(Kind.ADDRESS, value)

    assert (0, len(value), Kind.ADDRESS) == (span.start, span.end, span.kind)
