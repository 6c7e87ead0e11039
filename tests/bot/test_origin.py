"""Where a click came from travels as one word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.origin import (
    URL_SECONDS,
    Kind,
    Origin,
    read_origin,
    split_origin,
    stored,
    with_origin,
)

HERE = Origin(
    Kind.answer,
    team="T1",
    channel="C1",
    thread_ts="1.2",
    url="https://hooks.slack.com/actions/T1/1/abc",
    at=1000.0,
    others=("4d2ec69e", "8f21aa00"),
)


@pytest.mark.parametrize("origin", [HERE, Origin(Kind.home, home="home:all:0"), None])
def test_a_modal_carries_it(origin: Origin | None) -> None:
    """Behind whatever else it carries, which comes out as it went in."""
    assert ("a.d b.d", origin) == split_origin(with_origin("a.d b.d", origin))


def test_it_is_stored_whole_and_its_address_once() -> None:
    """One message is replaced once, however many targets one click decides on."""
    first, second = (stored(HERE, place)["clicked_in"] for place in (0, 1))

    assert HERE == read_origin(first)
    assert "url" not in dict(second)  # type: ignore[call-overload]
    assert {} == stored(None)


def test_its_address_lives_half_an_hour() -> None:
    """As Slack says; without an address nothing is replaced."""
    later = (0, URL_SECONDS - 1, URL_SECONDS)

    assert [True, True, False] == [HERE.is_fresh(HERE.at + one) for one in later]
    assert not Origin(Kind.answer).is_fresh(0.0)


@given(st.text())
def test_odd_words_are_no_origin(word: str) -> None:
    """A forged or an old one sends the answer to the thread."""
    assert split_origin(f"at:{word.replace(' ', '')}")[1] is None
