"""
What a model says of its own fields: which of them are personal, and of what kind.

A mark (``registry.personal``) is worth more than any search: it finds a name. Marks are
read from the model once, through lists, mappings, options and nested models.
"""

from collections.abc import Mapping
from functools import cache
from typing import get_args

from pydantic import BaseModel, JsonValue

from gateway.redaction.placeholder import Placeholders

Marks = Mapping[str, "str | Marks"]


@cache
def marks_of(model: type[BaseModel]) -> Marks:
    """Give the kinds of the marked fields, and the marks of the models within."""
    found: dict[str, str | Marks] = {}
    for name, one in model.model_fields.items():
        extra = one.json_schema_extra
        kind = extra.get("x-pii") if isinstance(extra, dict) else None
        if kind is not None:
            found[name] = str(kind)
            continue
        within: dict[str, str | Marks] = {}
        for nested in _models_in(one.annotation):
            within |= marks_of(nested)
        if within:
            found[name] = within
    return found


def mask(value: JsonValue, marks: Marks, placeholders: Placeholders) -> JsonValue:
    """Replace what is marked; everything else stays as it is."""
    if isinstance(value, list):
        return [mask(item, marks, placeholders) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _mask_field(item, marks[name], placeholders) if name in marks else item
        for name, item in value.items()
    }


def _mask_field(
    value: JsonValue, mark: "str | Marks", placeholders: Placeholders
) -> JsonValue:
    if not isinstance(mark, str):
        if isinstance(value, dict) and not mark.keys() & value.keys():
            return {key: mask(item, mark, placeholders) for key, item in value.items()}
        return mask(value, mark, placeholders)
    if isinstance(value, list):
        return [_mask_field(item, mark, placeholders) for item in value]
    if value is None or isinstance(value, bool | dict) or str(value) == "":
        return value
    return placeholders.stand_in(mark, str(value))


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in _models_in(part)]
