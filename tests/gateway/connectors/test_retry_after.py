"""Retry-After: both forms, their bounds, and when a read may wait for it."""

import pytest

from gateway.connectors.retry_after import (
    MOST_SECONDS,
    parse_retry_after,
    pause_before,
)

# Wed, 21 Oct 2015 07:28:00 GMT
AT = 1_445_412_480.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("301", MOST_SECONDS),
        ("9" * 18, MOST_SECONDS),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:28:30 -0000", 30.0),
        ("Wed, 21 Oct 2015 09:28:30 +0200", 30.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MOST_SECONDS),
    ],
)
def test_both_forms_are_seconds_from_now(text: str, seconds: float) -> None:
    """At most 300, and an instant that is over is now."""
    assert seconds == parse_retry_after(text, now=AT)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "-1",
        "1.5",
        "1e3",
        "NaN",
        "inf",
        "٣",
        "9" * 400,
        "soon",
        "Wed, 32 Oct 2015 07:28:00 GMT",
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
    ],
)
def test_nonsense_says_nothing(text: str | None) -> None:
    assert parse_retry_after(text, now=AT) is None


@pytest.mark.parametrize(
    ("retry_after", "seconds_left", "pause"),
    [(None, 8.0, False), (3.0, 8.0, 3.0), (8.0, 8.0, False), (300.0, 8.0, False)],
)
def test_a_read_waits_where_the_deadline_allows(
    retry_after: float | None, seconds_left: float, pause: float
) -> None:
    """For as long as was asked; else it does not wait at all."""
    assert pause == pause_before(retry_after, seconds_left=seconds_left)


def test_now_is_no_refusal() -> None:
    """Zero seconds are a wait, however short."""
    pause = pause_before(0.0, seconds_left=8.0)

    assert (0.0, float) == (pause, type(pause))
