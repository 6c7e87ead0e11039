"""Numbers of JSON that may be somebody's: a phone may be ``15551234567.0``."""

import re

_WHOLE = re.compile(r"(-?\d+)(?:\.0*+)?")
_POWER = re.compile(r"(-?\d)(?:\.(\d{1,40}))?[eE]\+?(\d{1,2})")
_MOST = 40


def whole_digits(number: str) -> str | None:
    """
    Give the digits of a number that is whole, however it is written.

    ``None``: it is a measurement, or a power of more than 40 digits.
    """
    plain = _WHOLE.fullmatch(number)
    if plain is not None:
        return plain[1]
    power = _POWER.fullmatch(number)
    if power is None:
        return None
    behind, exponent = (power[2] or "").rstrip("0"), int(power[3])
    if len(behind) > exponent or exponent > _MOST:
        return None
    return power[1] + behind.ljust(exponent, "0")
