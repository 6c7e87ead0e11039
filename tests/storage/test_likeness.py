"""Likeness without a model: spelling counts, order and case do not."""

from math import isclose

import pytest

from storage.likeness import DIMENSIONS, features


def cosine(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(features(one), features(other), strict=True))


def test_a_text_is_like_itself() -> None:
    """In any case and order."""
    assert isclose(1, cosine("Password reset", "reset PASSWORD"), abs_tol=1e-4)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pasword resett", "password reset"),
        ("replys are slow", "replies are slow"),
        ("notificatons late", "notifications late"),
    ],
)
def test_a_misspelt_word_is_still_like_it(one: str, other: str) -> None:
    """One slip of the finger leaves most of the trigrams."""
    assert cosine(one, other) > 0.4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("password reset", "warehouse lag"),
        ("5xx on /feed", "campaign underperforms"),
        ("reply burst on a post", "login fails"),
    ],
)
def test_other_matters_are_not_like_it(one: str, other: str) -> None:
    """What has nothing in common measures about nothing."""
    assert cosine(one, other) < 0.2


@pytest.mark.parametrize("text", ["", "  ", "…!"])
def test_no_words_are_like_nothing(text: str) -> None:
    """All zeros, and no division by them."""
    assert [0.0] * DIMENSIONS == features(text)
