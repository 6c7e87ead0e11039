"""Whether the targets of an action occur in what was really seen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Grounding:
    """``uncited`` names the params in no cited snapshot, the alert or the catalogue."""

    uncited: tuple[str, ...]
    tainted: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A cited snapshot; ``tainted_fields`` are keys anybody may have written under."""

    body: str
    tainted_fields: frozenset[str]


def ground(
    targets: Mapping[str, JsonValue], sources: Sequence[Source], known: frozenset[str]
) -> Grounding:
    """
    Look each target up in the typed fields of the cited snapshots.

    ``known`` are values that the catalogue vouches for. A target found only in tainted
    fields is cited, and tainted.
    """
    typed, loose = set(known), set[str]()
    for source in sources:
        for key, leaf in _leaves(json.loads(source.body)):
            (loose if key in source.tainted_fields else typed).add(leaf)
    asked = {name: str(value) for name, value in targets.items()}
    return Grounding(
        uncited=tuple(
            name for name, value in asked.items() if value not in typed | loose
        ),
        tainted=any(value in loose - typed for value in asked.values()),
    )


def _leaves(value: JsonValue, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, key)
    elif isinstance(value, str):
        yield key, value
