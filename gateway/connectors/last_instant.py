"""
The last second of the year 9999: by which systems say "without end" (.NET, for one).

Its fraction is past what a calendar holds once it is a float, so it is left out. What
it means is for each field to say: where None is "for ever", it is None.
"""

import re

LAST_SECOND = 253_402_300_799
# With any fraction, and in any zone, or in none: it is the same mark.
_LAST = re.compile(r"9999-12-31[T ]23:59:59(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?")


def is_last(raw: object) -> bool:
    """Tell whether it is that instant, as ISO 8601 or as Unix seconds."""
    if isinstance(raw, str):
        return _LAST.fullmatch(raw) is not None
    # .9999999 of it is rounded up.
    return isinstance(raw, int | float) and LAST_SECOND <= raw <= LAST_SECOND + 1
