"""Durations: three units, and nothing else."""

from datetime import timedelta

import pytest

from orchestrator.durations import parse_duration, say_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("05m", timedelta(minutes=5)),
        ("0m", None),
        ("", None),
        ("30", None),
        ("h", None),
        ("30s", None),
        ("30m\n", None),
        ("-1h", None),
        ("99999h", None),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: timedelta | None) -> None:
    assert length == parse_duration(text)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=30), "30 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(minutes=90), "1.5 h"),
        (timedelta(days=1), "24 h"),
    ],
)
def test_a_duration_is_read_in_its_unit(length: timedelta, said: str) -> None:
    assert said == say_duration(length)
