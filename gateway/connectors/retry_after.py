"""Retry-After (RFC 9110, 10.2.3): when a system asks to be asked again."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

# Nobody waits longer on a header's word: by then whoever asks looks again.
MOST_SECONDS = 300.0
_SECONDS = re.compile(r"[0-9]{1,18}")


def parse_retry_after(text: str | None, *, now: float) -> float | None:
    """
    Give seconds from ``now``, 0 to 300; None where the header says nothing usable.

    Both forms are taken: seconds, and an instant, which may be over.
    """
    said = (text or "").strip()
    if _SECONDS.fullmatch(said):
        return min(float(said), MOST_SECONDS)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, at.timestamp() - now), MOST_SECONDS)


def pause_before(retry_after: float | None, *, seconds_left: float) -> bool | float:
    """Give how long to wait before the next try, or False where that is too long."""
    if retry_after is None or retry_after >= seconds_left:
        return False
    return retry_after
