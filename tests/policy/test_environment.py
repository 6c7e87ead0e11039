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
        (["production", "dev"], "production"),
        (["staging"], "staging"),
        (["dev", "staging"], None),
    ],
)
def test_by_default_it_is_production_or_the_only_one(
    connected: list[str], found: str | None
) -> None:
    """Of several others none is guessed."""
    assert found == find_default(connected)


@pytest.mark.parametrize(
    ("word", "connected", "found"),
    [
        ("prod", ["production", "dev"], "production"),
        ("PRD", ["Production", "dev"], "Production"),
        ("production", ["production", "prod"], "production"),
        ("prod", ["production", "prod"], "prod"),
        ("development", ["dev", "production"], "dev"),
        ("staging", ["stage", "production"], "stage"),
    ],
)
def test_another_name_of_it_is_known_both_ways(
    word: str, connected: list[str], found: str
) -> None:
    """Its own name comes first."""
    assert found == find_environment(word, connected)
    assert not is_elsewhere(word, connected, [])


def test_what_is_really_called_so_is_meant() -> None:
    """The connected one, which is also called so, is not taken for it."""
    assert is_elsewhere("production", ["prod"], ["production"])
    assert not is_elsewhere("prod", ["prod"], ["production"])
