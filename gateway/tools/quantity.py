"""
The numbers of params, results and states: each kind with its unit and its bounds.

What a system gives beyond them is no number that anybody may act on: it is refused.
``none`` as a unit marks what is dimensionless: only equal or not.
"""

import sys
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue

# The largest whole number that every reader of JSON takes for the same (RFC 7493).
_MOST = 2**53 - 1
# The years 1 to 9999: what a calendar has.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
_CALENDAR_SECONDS = _LAST_SECOND - _FIRST_SECOND

_COUNT: dict[str, JsonValue] = {"x-unit": "count"}
_RATIO: dict[str, JsonValue] = {"x-unit": "ratio"}
_PERCENT: dict[str, JsonValue] = {"x-unit": "%"}
_SECONDS: dict[str, JsonValue] = {"x-unit": "s"}
_MILLISECONDS: dict[str, JsonValue] = {"x-unit": "ms"}
_PER_SECOND: dict[str, JsonValue] = {"x-unit": "1/s"}
_AT: dict[str, JsonValue] = {"x-unit": "Unix s"}
_NAMED: dict[str, JsonValue] = {"x-unit": "as named beside"}
_NONE: dict[str, JsonValue] = {"x-unit": "none"}


def _none_below_zero(value: object) -> object:
    is_below = isinstance(value, int | float) and value < 0
    return None if is_below else value


Count = Annotated[int, Field(ge=0, le=_MOST, json_schema_extra=_COUNT)]
Ratio = Annotated[float, Field(ge=0, le=1, json_schema_extra=_RATIO)]
# Errors over requests, which two counters may count apart: a little more than all.
ErrorRatio = Annotated[float, Field(ge=0, le=2, json_schema_extra=_RATIO)]
Percent = Annotated[int, Field(ge=0, le=100, json_schema_extra=_PERCENT)]
Seconds = Annotated[float, Field(ge=0, le=_MOST, json_schema_extra=_SECONDS)]
Milliseconds = Annotated[float, Field(ge=0, le=_MOST, json_schema_extra=_MILLISECONDS)]
PerSecond = Annotated[float, Field(ge=0, le=_MOST, json_schema_extra=_PER_SECOND)]
WholePerSecond = Annotated[int, Field(ge=0, le=_MOST, json_schema_extra=_PER_SECOND)]
UnixSeconds = Annotated[
    float, Field(ge=_FIRST_SECOND, le=_LAST_SECOND, json_schema_extra=_AT)
]
# How long one instant lies before another one; negative where it lies after it.
SecondsApart = Annotated[
    float,
    Field(ge=-_CALENDAR_SECONDS, le=_CALENDAR_SECONDS, json_schema_extra=_SECONDS),
]
# What a broker does not know it gives as -1: less than none is none that is known.
CountIfKnown = Annotated[Count | None, BeforeValidator(_none_below_zero)]
SecondsIfKnown = Annotated[Seconds | None, BeforeValidator(_none_below_zero)]
# A value whose unit stands beside it: a panel's ``unit``, a result's ``metric``.
Measured = Annotated[
    float,
    Field(ge=-sys.float_info.max, le=sys.float_info.max, json_schema_extra=_NAMED),
]
# A version, or a system's own number of a thing.
Opaque = Annotated[int, Field(ge=-_MOST, le=_MOST, json_schema_extra=_NONE)]
