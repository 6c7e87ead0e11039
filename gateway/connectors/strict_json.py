"""JSON as the standard has it: what is not, is refused with the reason."""

import json
import math
import re

_MOST_DEPTH = 64
# How they are written; a real pair is among these, and stays what it is.
_ODD = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotJson(Exception):
    """A body that is no JSON; the message says why, and quotes nothing of it."""


def parse_json(body: bytes) -> object:
    """
    Parse UTF-8 JSON; deeper than 64 levels, NaN and infinities are refused.

    NUL and half of a surrogate pair, which JSON may write and no database takes, become
    U+FFFD: anybody may write them, and must not make the rest unreadable by it.

    Raises:
        NotJson: with the reason.
    """
    if body.lstrip()[:1] == b"<":
        raise NotJson("HTML or XML instead of JSON; does a proxy or a log-in answer?")
    try:
        text = body.decode()
    except UnicodeDecodeError as exc:
        raise NotJson(f"no UTF-8 at byte {exc.start}") from exc
    try:
        value: object = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite
        )
    except RecursionError as exc:
        raise NotJson("nested too deeply") from exc
    except json.JSONDecodeError as exc:
        raise NotJson(f"no JSON: {exc.msg} at character {exc.pos}") from exc
    except ValueError as exc:
        raise NotJson("a number with too many digits") from exc
    _check_depth(value)
    return _readable(value) if _ODD.search(text) else value


def _refuse_constant(word: str) -> object:
    raise NotJson(f"no JSON: {word} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotJson("a number too large")
    return number


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise NotJson(f"nested deeper than {_MOST_DEPTH} levels")


def _readable(value: object) -> object:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_readable(one) for one in value]
    if isinstance(value, dict):
        return {_readable(name): _readable(one) for name, one in value.items()}
    return value


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return [one for one in value.values() if isinstance(one, dict | list)]
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict | list)]
    return []
