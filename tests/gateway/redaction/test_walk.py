"""Walking JSON: order, keys, and any depth."""

from pydantic import JsonValue

from gateway.redaction.walk import walk


def test_leaves_and_keys_are_replaced_in_order() -> None:
    seen: list[tuple[JsonValue, str]] = []

    def note(leaf: JsonValue, key: str) -> JsonValue:
        seen.append((leaf, key))
        return f"{leaf}!"

    walked = walk({"a": [1, {"b": 2}], "c": 3}, note, str.upper)

    assert {"A": ["1!", {"B": "2!"}], "C": "3!"} == walked
    assert [(1, "a"), (2, "b"), (3, "c")] == seen


def test_keys_that_become_one_are_told_apart() -> None:
    walked = walk({"a": 1, "b": 2, "c": 3}, lambda leaf, _: leaf, lambda _: "x")

    assert {"x": 1, "x (2)": 2, "x (3)": 3} == walked


def test_no_depth_is_too_deep() -> None:
    deep: JsonValue = "end"
    for number in range(10_000):
        deep = [deep] if number % 2 else {"a": deep}
    walked = walk(deep, lambda leaf, _: leaf, str)

    for number in range(9_999, -1, -1):
        walked = walked[0] if number % 2 else walked["a"]  # type: ignore[index, call-overload]
    assert "end" == walked
