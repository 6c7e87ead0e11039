"""Fill a result's model from a subject that has the same fields and more."""

from typing import TypeVar

from pydantic import BaseModel

Row = TypeVar("Row", bound=BaseModel)


def pick(shape: type[Row], source: object, /, **more: object) -> Row:
    """Take each field of ``shape`` that ``source`` has; ``more`` goes before it."""
    found = {
        name: getattr(source, name)
        for name in shape.model_fields
        if name not in more and hasattr(source, name)
    }
    return shape.model_validate({**found, **more})
