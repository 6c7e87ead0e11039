"""Walk JSON without recursion, so that no depth of nesting is too deep."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

Leaf = Callable[[JsonValue, str], JsonValue]
FieldKey = Callable[[str, str, Mapping[str, JsonValue]], str]
_Slots = dict[str, JsonValue] | list[JsonValue]


def walk(
    root: JsonValue,
    on_leaf: Leaf,
    on_key: Callable[[str], str],
    *,
    key: str = "",
    field_key: FieldKey = lambda _parent, name, _fields: name,
) -> JsonValue:
    """
    Give a copy of ``root`` with each leaf and each key replaced, in document order.

    ``on_leaf`` is given the key that a leaf stands under; the items of a list stand
    under the list's. ``field_key`` names a field's key from its parent's, its own name
    and the object's fields. Two keys that become one are told apart by a number, so
    that nothing is lost.
    """
    made: list[JsonValue] = [None]
    waiting: list[tuple[JsonValue, str, _Slots, str | int]] = [(root, key, made, 0)]
    while waiting:
        value, under, slots, slot = waiting.pop()
        if isinstance(value, dict):
            fields: dict[str, JsonValue] = {}
            used: dict[str, int] = {}
            children: list[tuple[JsonValue, str, _Slots, str | int]] = []
            for name, item in value.items():
                new = on_key(name)
                if new in fields:
                    new = _unused(new, fields, used)
                fields[new] = None
                children.append((item, field_key(under, name, value), fields, new))
            waiting.extend(reversed(children))
            slots[slot] = fields  # type: ignore[index]
        elif isinstance(value, list):
            items: list[JsonValue] = [None] * len(value)
            waiting.extend(
                (value[place], under, items, place)
                for place in range(len(value) - 1, -1, -1)
            )
            slots[slot] = items  # type: ignore[index]
        else:
            slots[slot] = on_leaf(value, under)  # type: ignore[index]
    return made[0]


def _unused(name: str, fields: dict[str, JsonValue], used: dict[str, int]) -> str:
    """Number a name; ``used`` is each name's last, so that many alike stay linear."""
    number = used.get(name, 1) + 1
    while f"{name} ({number})" in fields:
        number += 1
    used[name] = number
    return f"{name} ({number})"
