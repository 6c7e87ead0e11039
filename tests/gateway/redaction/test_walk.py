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


class _Counted(str):
    """A name that counts how often it is tried with a number."""

    __slots__ = ()
    tried = 0

    def __format__(self, spec: str) -> str:
        _Counted.tried += 1
        return super().__format__(spec)


def test_many_keys_that_become_one_are_linear_work() -> None:
    """Ten thousand secrets as keys, or halves of surrogate pairs, take no minutes."""

    def tried(keys: int) -> int:
        _Counted.tried = 0
        walk({str(one): one for one in range(keys)}, lambda leaf, _: leaf, _named)
        return _Counted.tried

    assert tried(2000) <= 2.1 * tried(1000)


def _named(_key: str) -> str:
    return _Counted("⟨secret⟩")


def test_no_depth_is_too_deep() -> None:
    deep: JsonValue = "end"
    for number in range(10_000):
        deep = [deep] if number % 2 else {"a": deep}
    walked = walk(deep, lambda leaf, _: leaf, str)

    for number in range(9_999, -1, -1):
        walked = walked[0] if number % 2 else walked["a"]  # type: ignore[index, call-overload]
    assert "end" == walked
