"""The form that opens a task, and what is read of it."""

import pytest
from hypothesis import given

from bot.blocks.opening import open_view, read_from
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
