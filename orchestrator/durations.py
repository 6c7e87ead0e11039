"""Durations as people type them, 30m, 2h, 1d, and as they read them."""

import re
from datetime import timedelta

# Nothing lasts no time: who types it means something else.
_DURATION = re.compile(r"(0{0,3}[1-9]\d{0,3})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta | None:
    """Give the duration; None for what is none."""
    found = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def say_duration(length: timedelta) -> str:
    """Give a duration for people: ``30 min``, ``2 h``."""
    hours = length / timedelta(hours=1)
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"
