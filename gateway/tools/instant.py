"""Instants among params: ISO 8601 with a zone, kept as whole seconds of UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from gateway.ports import Unreadable


def whole_second(at: datetime) -> datetime:
    """
    Give an instant as it is kept.

    Raises:
        ValueError: in UTC it is before year 1 or past year 9999.
    """
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError as exc:
        raise ValueError("an instant of the years 1 to 9999 in UTC") from exc


Instant = Annotated[AwareDatetime, AfterValidator(whole_second)]


def instant_of(at: float) -> datetime:
    """
    Give an instant of Unix seconds, which as a number may be taken for milliseconds.

    Raises:
        Unreadable: no calendar has it.
    """
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError) as exc:
        raise Unreadable(f"an instant is {say(at)}") from exc


def say(at: float | None) -> str:
    """Give an instant for people: ``2026-03-01 14:05 UTC``."""
    if at is None:
        return "never"
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"second {at:.0f}, which no calendar has"


def say_span(seconds: float) -> str:
    """Give a length of time for people: ``90 s``, ``5 min``, ``36 h``."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} s"
