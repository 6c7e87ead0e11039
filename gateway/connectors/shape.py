"""
Fit a foreign answer to a shape, or say what was wrong with it.

A number must be one that every reader of JSON takes for the same (RFC 7493): what is
stored and hashed of an answer would fail by another one, far from its cause.
"""

import math
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.ports import OutcomeUnknown, Unreadable

Shape = TypeVar("Shape", bound=BaseModel)
Value = TypeVar("Value")

_LARGEST = 2**53 - 1


def fit(shape: type[Shape], raw: object, *, what: str, exact: bool = True) -> Shape:
    """
    Fit the answer to a read.

    ``exact`` False: its numbers are no result yet, and whoever asks makes others of
    them or leaves them out.

    Raises:
        Unreadable: naming the first field that does not fit, never its value.
    """
    try:
        found = shape.model_validate(raw)
    except ValidationError as exc:
        raise Unreadable(f"{what}: unexpected shape: {_first(exc)}") from exc
    odd = _odd_number(found.model_dump()) if exact else None
    if odd is not None:
        raise Unreadable(f"{what}: unexpected shape: {odd}")
    return found


def fit_written(shape: type[Shape], raw: object, *, what: str) -> Shape:
    """
    Fit the answer to a write that was sent.

    Raises:
        OutcomeUnknown: it does not say what became of the write.
    """
    try:
        found = shape.model_validate(raw)
    except ValidationError as exc:
        raise OutcomeUnknown(f"{what}: unexpected shape: {_first(exc)}") from exc
    odd = _odd_number(found.model_dump())
    if odd is not None:
        raise OutcomeUnknown(f"{what}: unexpected shape: {odd}")
    return found


def fit_value(adapter: TypeAdapter[Value], raw: object, *, what: str) -> Value:
    """
    Fit an answer to any type.

    Raises:
        Unreadable: as ``fit``.
    """
    try:
        found = adapter.validate_python(raw)
    except ValidationError as exc:
        raise Unreadable(f"{what}: unexpected shape: {_first(exc)}") from exc
    odd = _odd_number(adapter.dump_python(found))
    if odd is not None:
        raise Unreadable(f"{what}: unexpected shape: {odd}")
    return found


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    return f"{place}: {first['msg']}"


def _odd_number(value: object) -> str | None:
    """Name the first number that not every reader takes for the same."""
    for place, number in _numbers(value):
        fits = (
            abs(number) <= _LARGEST
            if isinstance(number, int)
            else math.isfinite(number)
        )
        if not fits:
            return f"{place or 'the whole'}: a number past 2^53, or none at all"
    return None


def _numbers(value: object, place: str = "") -> Iterator[tuple[str, int | float]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _numbers(item, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _numbers(item, f"{place}.{index}" if place else str(index))
    elif isinstance(value, int | float):
        yield place, value
