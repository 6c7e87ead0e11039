"""The last second of the calendar: what stands for no end, and what does not."""

import pytest

from gateway.connectors.last_instant import LAST_SECOND, is_last


@pytest.mark.parametrize(
    "raw",
    [
        "9999-12-31T23:59:59.9999999",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.9999999+00:00",
        "9999-12-31T23:59:59-05:00",
        "9999-12-31 23:59:59Z",
        LAST_SECOND,
        LAST_SECOND + 0.9999999,
    ],
)
def test_it_is_known_in_each_form(raw: object) -> None:
    """With and without fraction and zone, as text and as seconds."""
    assert is_last(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "9999-12-31T23:59:58.9999999Z",
        "9999-12-31T23:59:59.9999999Zulu",
        "9999-12-31",
        LAST_SECOND - 1,
        LAST_SECOND + 2,
        LAST_SECOND * 1000,
        None,
        True,
    ],
)
def test_nothing_else_is(raw: object) -> None:
    assert not is_last(raw)
