"""JSON as the standard has it: what is not, is refused with the reason."""

import json
import math

_MOST_DEPTH = 64


class NotJson(Exception):
    """A body that is no JSON; the message says why, and quotes nothing of it."""


def parse_json(body: bytes) -> object:
    """
    Parse UTF-8 JSON; deeper than 64 levels, NaN and infinities are refused.

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
    return value


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


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return [one for one in value.values() if isinstance(one, dict | list)]
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict | list)]
    return []
