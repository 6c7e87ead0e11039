"""Instants in the many forms that senders write them in."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite

# Before this nobody sent webhooks. A local time read as UTC lies up to 14 hours ahead,
# and clocks go wrong; a start beyond a day would make every true end before it late.
FIRST_YEAR = 2000
MOST_AHEAD = timedelta(days=1)
# From here on a number counts milliseconds, microseconds, nanoseconds: as seconds they
# would lie after the year 5000, as the smaller unit this is 1973.
_UNITS = ((1e17, 1_000_000_000), (1e14, 1_000_000), (1e11, 1_000))
_NUMBER = re.compile(r"-?\d{1,25}(\.\d{1,20})?")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,12}))?"
    r"\s*(Z|[+-]\d\d:?\d\d)?(?:\s*[A-Z]{1,5})?",
    re.IGNORECASE,
)
_LONGEST = 64


def moment(value: object) -> datetime | None:
    """
    Read an instant as aware UTC; None of what is none, or beyond what Python counts.

    Seconds, milli-, micro- or nanoseconds since 1970 as number or text; RFC 3339 with a
    space, an offset without colon or a zone's name behind it; RFC 2822; ``date``'s
    form. Without a zone it is UTC.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _counted(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    said = value.strip()
    if _NUMBER.fullmatch(said):
        return _counted(float(said))
    return _iso(said) or _mail(said) or _shell(said)


def sensible(value: object, received_at: datetime) -> datetime | None:
    """Read an instant at which an alert may begin or end; None of an absurd one."""
    read = moment(value)
    if read is None or read.year < FIRST_YEAR or read > received_at + MOST_AHEAD:
        return None
    return read


def is_iso(value: object) -> bool:
    """Tell the form of RFC 3339, be the instant one that can be or not."""
    return isinstance(value, str) and _ISO.fullmatch(value.strip()) is not None


def is_recent(value: object) -> bool:
    """Tell an instant, in any form, since there were webhooks: 7 is no time."""
    read = moment(value)
    return read is not None and read.year >= FIRST_YEAR


def _counted(number: float) -> datetime | None:
    try:
        if not isfinite(number):
            return None
        unit = next((unit for least, unit in _UNITS if abs(number) >= least), 1)
        return datetime.fromtimestamp(number / unit, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(said: str) -> datetime | None:
    """Cut nanoseconds: Python reads six digits."""
    found = _ISO.fullmatch(said)
    if found is None:
        return None
    day, time, fraction, zone = found.groups()
    seconds = time if time.count(":") > 1 else f"{time}:00"
    offset = "+00:00" if zone is None or zone.upper() == "Z" else zone
    try:
        read = datetime.fromisoformat(
            f"{day}T{seconds}.{(fraction or '')[:6]:0<6}{offset}"
        )
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _mail(said: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(said)
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _shell(said: str) -> datetime | None:
    """Read ``Sat Oct 26 23:20:39 UTC 2024``."""
    try:
        return datetime.strptime(said, "%a %b %d %H:%M:%S %Z %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
