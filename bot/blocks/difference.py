"""Two long texts side by side: the part in which they begin to differ."""

# How much of what they have in common stands before it.
_LEAD = 40


def apart(before: str, after: str, *, most: int) -> tuple[str, str]:
    """Give both from where they begin to differ, if either is longer than ``most``."""
    if max(len(before), len(after)) <= most:
        return before, after
    begin = max(0, _first_difference(before, after) - _LEAD)
    if begin == 0:
        return before, after
    return f"…{before[begin:]}", f"…{after[begin:]}"


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    alike = min(len(one), len(other))
    return next((place for place, (a, b) in pairs if a != b), alike)
