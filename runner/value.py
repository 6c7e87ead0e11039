"""A playbook's values: computed on what is known, and shown to a person."""

import math
from collections.abc import Mapping

from pydantic import JsonValue

from runner.expression import find
from runner.playbook import First, Found, Literally, Multiply, Style, Value

HUNDRED = 100
Context = Mapping[str, JsonValue]


def compute(value: Value, context: Context) -> JsonValue:
    """Give the value; None where the evidence does not hold it."""
    match value:
        case Found():
            return find(value.expression, context)
        case First():
            return _first(value, context)
        case Multiply():
            return _product(value, context)
        case Literally():
            return list(value.value) if isinstance(value.value, list) else value.value
        case list():
            return list(value)
        case _:
            return value


def render(value: Value, context: Context) -> str | None:
    """Give the value as a person reads it; None where there is none."""
    computed = compute(value, context)
    if computed is None:
        return None
    style = value.style if isinstance(value, Found | First | Multiply) else "text"
    return render_as(computed, style)


def render_as(computed: JsonValue, style: Style) -> str:
    """Render numbers by ``style`` (``percent`` takes a ratio); the rest as text."""
    if isinstance(computed, bool) or not isinstance(computed, int | float):
        return str(computed)
    match style:
        case "percent":
            return f"{computed * HUNDRED:.1f} %"
        case "integer":
            return f"{round(computed):,}".replace(",", " ")
        case "milliseconds":
            return f"{round(computed)} ms"
        case "number" | "text":
            return f"{computed:.4g}" if isinstance(computed, float) else str(computed)


def _first(value: First, context: Context) -> JsonValue:
    candidates = find(value.expression, context)
    wanted = {name: compute(each, context) for name, each in value.where.items()}
    if not isinstance(candidates, list) or None in wanted.values():
        return None
    for candidate in candidates:
        if isinstance(candidate, dict) and all(
            candidate.get(name) == each for name, each in wanted.items()
        ):
            return candidate
    return None


def _product(value: Multiply, context: Context) -> JsonValue:
    product = 1.0
    for factor in value.factors:
        number = compute(factor, context)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return None
        product *= number
    if not math.isfinite(product):
        return None
    if value.rounding == "down":
        return math.floor(product + 1e-9)
    return round(product) if value.rounding == "nearest" else product
