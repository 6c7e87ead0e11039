"""Whether the targets of an action occur in what was really seen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Grounding:
    """
    ``uncited`` names the params that stand in no cited snapshot and no alert.

    ``cited`` counts the snapshots; ``oldest_seconds`` is the age of the oldest.
    """

    uncited: tuple[str, ...]
    tainted: bool
    cited: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """
    A cited snapshot.

    ``tainted_fields`` are keys below which, however deep, anybody may have written.
    """

    body: str
    tainted_fields: frozenset[str]


def ground(targets: Mapping[str, JsonValue], sources: Sequence[Source]) -> Grounding:
    """
    Look each target up in the typed fields of the cited snapshots.

    A target found only in tainted fields is cited, and tainted.
    """
    typed, loose = set[str](), set[str]()
    for source in sources:
        for keys, leaf in _leaves(json.loads(source.body)):
            tainted = not source.tainted_fields.isdisjoint(keys)
            (loose if tainted else typed).add(leaf)
    asked = {name: str(value) for name, value in targets.items()}
    return Grounding(
        uncited=tuple(
            name for name, value in asked.items() if value not in typed | loose
        ),
        tainted=any(value in loose - typed for value in asked.values()),
    )


def _leaves(
    value: JsonValue, keys: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give each text with the keys on its way."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*keys, name))
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, keys)
    elif isinstance(value, str):
        yield keys, value
