"""Large deliveries: a few at once, and the place is given back."""

import pytest

from bot.bodies import Refused
from bot.large import Room


def test_one_more_than_the_room_holds_comes_again() -> None:
    """With a time to do so; a place that is taken twice counts once."""
    room = Room(most=1)
    with room.place() as first, room.place() as second:
        first.take()
        first.take()
        with pytest.raises(Refused) as caught:
            second.take()

    assert (503, 5) == (caught.value.status, caught.value.retry_seconds)
    assert 0 == room.held


def test_what_fails_gives_its_place_back() -> None:
    """And what was never large had none."""
    room = Room(most=1)

    def fail() -> None:
        with room.place() as place:
            place.take()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with room.place():
        assert 0 == room.held
    assert 0 == room.held
