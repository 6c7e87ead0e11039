"""Fit a foreign answer to a shape, or say what was wrong with it."""

from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.ports import OutcomeUnknown, Unreadable

Shape = TypeVar("Shape", bound=BaseModel)
Value = TypeVar("Value")


def fit(shape: type[Shape], raw: object, *, what: str) -> Shape:
    """
    Fit the answer to a read.

    Raises:
        Unreadable: naming the first field that does not fit, never its value.
    """
    try:
        return shape.model_validate(raw)
    except ValidationError as exc:
        raise Unreadable(f"{what}: unexpected shape: {_first(exc)}") from exc


def fit_written(shape: type[Shape], raw: object, *, what: str) -> Shape:
    """
    Fit the answer to a write that was sent.

    Raises:
        OutcomeUnknown: it does not say what became of the write.
    """
    try:
        return shape.model_validate(raw)
    except ValidationError as exc:
        raise OutcomeUnknown(f"{what}: unexpected shape: {_first(exc)}") from exc


def fit_value(adapter: TypeAdapter[Value], raw: object, *, what: str) -> Value:
    """
    Fit an answer to any type.

    Raises:
        Unreadable: as ``fit``.
    """
    try:
        return adapter.validate_python(raw)
    except ValidationError as exc:
        raise Unreadable(f"{what}: unexpected shape: {_first(exc)}") from exc


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    return f"{place}: {first['msg']}"
