"""The form that opens a task, and what is read of it."""

import pytest
from hypothesis import given

from bot.blocks.opening import open_view, read_from, too_long
from lab.slack.view_rules import check_view
from tests.bot.blocks.facts import HOSTILE, check_view_texts


def values(title: str, service: str) -> dict[str, object]:
    return {
        "title": {"value": {"value": title}},
        "service": {"value": {"value": service}},
    }


@given(HOSTILE)
def test_any_message_makes_a_form(words: str) -> None:
    """Its words are proposed as data, cut to what a title holds; no text holds them."""
    check_view_texts(check_view(open_view(words)))


@pytest.mark.parametrize(
    ("entered", "read"),
    [
        (("slow", "Discourse"), ("slow", "discourse")),
        (("slow", ""), ("slow", None)),
        (("", "no service <!here>"), ("Something is wrong", None)),
    ],
)
def test_a_service_is_a_name_or_none(
    entered: tuple[str, str], read: tuple[str, str | None]
) -> None:
    """What is no name is not guessed at."""
    assert read == read_from(values(*entered))


def test_what_is_known_belongs_to_the_title() -> None:
    """All that was said is one text."""
    more = {"more": {"value": {"value": "since noon"}}}

    assert "slow: since noon" == read_from(values("slow", "") | more)[0]


@pytest.mark.parametrize(("signs", "said"), [(300, ""), (412, "112 fewer than now")])
def test_no_word_of_a_person_is_cut_unsaid(signs: int, said: str) -> None:
    """The form stays open, and says how much is too much."""
    found = too_long("x" * signs)

    assert said in found
    assert bool(said) == bool(found)
