# ruff: noqa: RUF001 - brackets that are no placeholder's
"""A text reads as words, whoever it is about."""

import pytest

from gateway.redaction.worded import worded


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("mail to ⟨email:kqzvbnwt⟩ fails", "mail to [an email address] fails"),
        ("⟨phone:2⟩ and ⟨secret⟩", "[a phone number] and [a secret]"),
        ("⟨national_id:bcdfghjk⟩", "[a national id]"),
        ("⟨former:1⟩", "[hidden]"),
        ("cut at ⟨email:kqz", "cut at [hidden]"),
        ("cut at ⟨ema…", "cut at [hidden]…"),
        ("a < b, x ⟩ y ‹email:1›", "a < b, x ⟩ y ‹email:1›"),
        ("p99 is high", "p99 is high"),
    ],
)
def test_a_placeholder_is_told_in_words(title: str, said: str) -> None:
    assert said == worded(title)
