import pytest
from pydantic import JsonValue, TypeAdapter

from runner.playbook import Style, Value
from runner.value import compute, render, render_as

CONTEXT: dict[str, JsonValue] = {
    "a": 7,
    "flags": [{"k": "x"}, {"k": "y", "n": 1}],
    "t": True,
    "name": "y",
}


def value(content: object) -> Value:
    parsed: Value = TypeAdapter[Value](Value).validate_python(content)
    return parsed


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("literal", "literal"),
        ({"is": [1, 2]}, [1, 2]),
        ({"from": "a"}, 7),
        ({"from": "nothing"}, None),
        ({"first": "flags", "where": {"k": {"from": "name"}}}, {"k": "y", "n": 1}),
        ({"first": "flags", "where": {"k": {"from": "nothing"}}}, None),
        ({"first": "a", "where": {"k": 1}}, None),
        ({"multiply": [{"from": "a"}, 0.5]}, 3.5),
        ({"multiply": [{"from": "a"}, 0.5], "round": "down"}, 3),
        ({"multiply": [500, 0.9], "round": "down"}, 450),
        ({"multiply": [{"from": "t"}, 2]}, None),
        ({"multiply": [{"from": "nothing"}, 2]}, None),
        ({"multiply": [1e308, 10]}, None),
    ],
)
def test_values_compute(content: object, expected: object) -> None:
    """What the evidence does not hold is None."""
    assert compute(value(content), CONTEXT) == expected


@pytest.mark.parametrize(
    ("number", "style", "text"),
    [
        (0.182, "percent", "18.2 %"),
        (12345.6, "integer", "12 346"),
        (310.4, "milliseconds", "310 ms"),
        (40.0, "number", "40"),
        (5, "text", "5"),
        (True, "percent", "True"),
        ("x", "percent", "x"),
    ],
)
def test_values_render(number: float | str, style: Style, text: str) -> None:
    """Numbers by style, the rest as text."""
    assert render_as(number, style) == text


def test_no_value_renders_as_none() -> None:
    """The caller decides what to say then."""
    assert render(value({"from": "nothing", "as": "percent"}), CONTEXT) is None
