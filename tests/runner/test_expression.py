import pytest
from pydantic import JsonValue

from runner.expression import check, find, is_never, references


def test_multiply_makes_up_for_missing_arithmetic() -> None:
    """Also inside a filter."""
    context: dict[str, JsonValue] = {
        "routes": [{"now": 5, "usual": 2}, {"now": 3, "usual": 2}]
    }

    assert find("routes[?now >= multiply(usual, `2`)]", context) == [
        {"now": 5, "usual": 2}
    ]


@pytest.mark.parametrize("expression", ["multiply(a, `2`)", "b.c[0]", "max_by(a, &x)"])
def test_what_is_missing_has_no_value(expression: str) -> None:
    """Neither an error nor a crash."""
    assert find(expression, {"a": None}) is None


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ("steps.a.result.b[?c == 'd'] | [0].e", {("steps", "a", "result", "b")}),
        ("a && !(b.c) || d >= `1`", {("a",), ("b", "c"), ("d",)}),
        ("max_by(steps.a.result, &x)", {("steps", "a", "result")}),
        ("{x: a.b, y: [c]}", {("a", "b"), ("c",)}),
        ("a.*.b", {("a",)}),
        ("`1`", set()),
    ],
)
def test_references_start_at_the_root(
    expression: str, paths: set[tuple[str, ...]]
) -> None:
    """What is named inside a filter or projection belongs to the element."""
    assert references(expression) == paths


def test_checks() -> None:
    """Bad syntax and unknown functions are told; so is a condition never true."""
    assert check("a[?") is not None
    assert check("a && !b.c") == "!a.b means (!a).b; write !(a.b)"
    assert check("a && !(b.c)") is None
    assert check("shout(a)") == "no function is called shout"
    assert check("multiply(a, b)") is None
    assert is_never("`false`")
    assert not is_never("a")
