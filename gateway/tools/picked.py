"""Fill a result's model from a subject that has the same fields and more."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gateway.ports import Unreadable
from gateway.sane import say_senseless

Row = TypeVar("Row", bound=BaseModel)


def pick(shape: type[Row], source: object, /, **more: object) -> Row:
    """
    Take each field of ``shape`` that ``source`` has; ``more`` goes before it.

    Raises:
        Unreadable: one of them is missing, or is out of its bounds; its values stay
            out of the words.
    """
    found = {
        name: getattr(source, name)
        for name in shape.model_fields
        if name not in more and hasattr(source, name)
    }
    try:
        return shape.model_validate({**found, **more})
    except ValidationError as exc:
        raise Unreadable(say_senseless(exc)) from exc
