"""Which environment a word names."""

import pytest

from policy.environment import find_default, find_environment, is_elsewhere


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("prod", "prod"),
        ("Production", "prod"),
        ("STG", "staging"),
        ("eu-1", "eu-1"),
        ("dev", None),
        ("deploy", None),
        ("", None),
    ],
)
def test_a_word_names_one_that_is_connected(word: str, found: str | None) -> None:
    assert found == find_environment(word, ["eu-1", "prod", "staging"])


@pytest.mark.parametrize(
    ("word", "elsewhere"),
    [("dev", True), ("Prod", True), ("eu-2", True), ("staging", False), ("bad", False)],
)
def test_a_word_may_name_one_that_is_not(word: str, *, elsewhere: bool) -> None:
    """Well known, or one that the tenant has."""
    assert elsewhere is is_elsewhere(word, ["staging"], ["eu-2"])


@pytest.mark.parametrize(
    ("connected", "found"),
    [
        (["dev", "prod"], "prod"),
        (["production", "dev"], None),
        (["staging"], "staging"),
        (["dev", "staging"], None),
    ],
)
def test_by_default_it_is_production_or_the_only_one(
    connected: list[str], found: str | None
) -> None:
    """Of several others none is guessed."""
    assert found == find_default(connected)
