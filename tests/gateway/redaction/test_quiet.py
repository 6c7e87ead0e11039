"""A text is quiet only where nothing would be found in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.hint import hints
from gateway.redaction.quiet import is_quiet
from gateway.redaction.redact import Placeholders, redact_text
from gateway.redaction.span import Policy

PIECES = (
    "kim@example.org", "+44 20 7946 0018", "call me at 5551234567", "555-223-4567",
    "password=hunter22", "sk-" + "aB3" * 10, "ssn 123-45-6789", "12 Harbour Road",
    "Bristol BS1 9ZZ", "a2ltQGV4YW1wbGUub3JnIGhlbGxv", "user%40example.org", "GB82WEST",
    "4111111111111111", "phone: ios", "key: node", "192.168.129.103", "x://u:pass1@h",
    "2031-04-05T10:43:55.865Z", "Sent order 35a25ea4", ", ", "\n", " ", " ", "=", '"',
)  # fmt: skip


def quiet(text: str) -> bool:
    lowered = text.lower()
    return is_quiet(text, lowered, hinted=hints(lowered), policy=Policy())


def redacted(text: str) -> str:
    """Search beside a value, so that nobody asks whether the text is quiet."""
    found = redact_text(f"{text}\nkim.lee@example.com", Placeholders(key=b"k"))
    return found.removesuffix("\n⟨email:1⟩")


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_nothing_is_in_a_quiet_text(text: str) -> None:
    if quiet(text):
        assert text == redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "2031-04-05T10:43:55.865Z [INFO] auth - user_1059 - IP: 192.168.242.88",
        '{"remoteAddress":"10.244.1.34","remotePort":58878}',
        "key: node.kubernetes.io/unreachable",
        "Sent order 35a25ea4... to finance:0",
    ],
)
def test_most_lines_of_logs_are_quiet(text: str) -> None:
    assert quiet(text)


@pytest.mark.parametrize("text", PIECES[:8])
def test_what_may_be_something_is_searched(text: str) -> None:
    assert not quiet(text)
