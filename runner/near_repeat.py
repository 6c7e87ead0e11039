"""Whether a read asks for what was read already, give or take little."""

from collections.abc import Mapping

from pydantic import JsonValue

# Numbers this near ask for the same window, rate or limit.
NEARNESS = 0.2


def is_near(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> bool:
    """
    Tell params that overlap: what both name is equal, and numbers are near.

    A param that one of them leaves out, or gives as null, is its tool's default, and
    tells nothing apart; two calls that name nothing in common are not near, unless
    neither names anything.
    """
    known = _known(one), _known(other)
    shared = known[0].keys() & known[1].keys()
    if not shared:
        return not known[0] and not known[1]
    return all(_is_near(known[0][name], known[1][name]) for name in shared)


def _known(params: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in params.items() if value is not None}


def _is_near(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= NEARNESS * max(abs(one), abs(other))
    return one == other
