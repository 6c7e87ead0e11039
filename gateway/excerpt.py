"""
Head and tail of a result that is too long for an agent; the whole stays as evidence.

Lists keep their first and last items, texts their first and last characters. What was
left out is said by path beside the result, so that nothing is cut in silence.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from storage.canonical import canonical

# Some sixteen thousand tokens: more crowds out the rest of a model's context.
MOST_BYTES = 64 * 1024
_FIRST_ITEMS = 128
_LEAST_ITEMS = 2
_CHARACTERS_AN_ITEM = 64


def excerpt(
    body: Mapping[str, JsonValue], *, most_bytes: int = MOST_BYTES
) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """
    Give the body, cut until it fits, and what was left out by path.

    Lists keep at most 128 items, then 64 and so on down to 2; texts 64 characters for
    each item that a list may keep.
    """
    items = _FIRST_ITEMS
    cut, left_out = dict(body), dict[str, str]()
    while _size(cut) > most_bytes and items >= _LEAST_ITEMS:
        left_out = {}
        cut = {name: _cut(value, name, items, left_out) for name, value in body.items()}
        items //= 2
    if _size(cut) > most_bytes:
        return {}, {"": "too long even in parts; cite the evidence instead"}
    return cut, left_out


def _size(body: Mapping[str, JsonValue]) -> int:
    return len(canonical(body).encode())


def _cut(
    value: JsonValue, path: str, items: int, left_out: dict[str, str]
) -> JsonValue:
    if isinstance(value, dict):
        return {
            name: _cut(one, f"{path}.{name}", items, left_out)
            for name, one in value.items()
        }
    if isinstance(value, list):
        kept = value
        if len(value) > items:
            kept = value[: items // 2] + value[-(items // 2) :]
            left_out[path] = f"{len(value) - len(kept)} of {len(value)} items"
        return [_cut(one, f"{path}[]", items, left_out) for one in kept]
    if isinstance(value, str) and len(value) > items * _CHARACTERS_AN_ITEM:
        half = items * _CHARACTERS_AN_ITEM // 2
        left_out[path] = f"{len(value) - 2 * half} of {len(value)} characters"
        return f"{value[:half]} … {value[-half:]}"
    return value
