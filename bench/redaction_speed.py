"""How fast redaction is, in processor time: logs, JSON of 64 KB, hostile lines."""

import gc
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

from pydantic import JsonValue

from bench.redaction_json import BODIES
from bench.redaction_shapes import JSON_BYTES, SHAPES, shaped
from gateway.redaction.find import find
from gateway.redaction.redact import Placeholders, redact
from gateway.redaction.span import Policy

_ROUNDS = 5
_JSON_RUNS = 300
_SHAPE_RUNS = 20
_HOSTILE = 1_000_000
# A line of each, one megabyte long: what patterns like to trip over.
UNITS = {
    "a@a@a@…": "a@",
    "digits": "1",
    "digits and blanks": "1 ",
    "(": "(",
    "[": "[",
    "{": "{",
    "+": "+",
    "a.a.a.…": "a.",
    "-": "-",
    '"': '"',
    "blanks": " ",
    "Base64 letters": "QUJD",
    "k=k=k=…": "k=",
    "A, A, A, …": "A, ",
    "mail=mail=…": "mail=",
    "dob=dob=…": "dob=",
    "token:token:…": "token:",
    "name and value": "name: pass value: ",
}


@dataclass(frozen=True, slots=True)
class Hostile:
    """Seconds for half of the line and for the whole."""

    name: str
    half: float
    whole: float

    @property
    def ratio(self) -> float:
        return self.whole / self.half if self.half else 0.0


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def megabytes_a_second(texts: Sequence[str]) -> float:
    """Give the median rate over a list of lines, each searched by itself."""
    policy = Policy()
    size = sum(len(text.encode()) for text in texts)
    rates = [
        size / seconds(lambda: [find(text, policy=policy) for text in texts]) / 1e6
        for _ in range(_ROUNDS)
    ]
    return median(rates)


def json_milliseconds(texts: Sequence[str]) -> list[float]:
    """Give the times of documents of 64 KB, made of log lines and of people."""
    documents = _documents(texts)
    body = [next(documents) for _ in range(_JSON_RUNS)]
    return sorted(
        1000 * seconds(lambda one=one: redact(one, Placeholders(key=b"k")))  # type: ignore[misc]
        for one in body
    )


def shape_milliseconds() -> dict[str, list[float]]:
    """Give the times of ordinary documents of 64 KB by their shape, shortest first."""
    return {
        name: sorted(
            1000 * seconds(lambda one=one: redact(one, _nobody()))  # type: ignore[misc]
            for one in (shaped(row, first=1000 * run) for run in range(_SHAPE_RUNS))
        )
        for name, row in SHAPES.items()
    }


def hostile() -> list[Hostile]:
    policy = Policy()
    found = []
    for name, unit in UNITS.items():
        line = unit * (_HOSTILE // len(unit))
        half = line[: len(line) // 2]
        halves = [seconds(lambda: find(half, policy=policy)) for _ in range(3)]  # noqa: B023
        wholes = [seconds(lambda: find(line, policy=policy)) for _ in range(3)]  # noqa: B023
        found.append(Hostile(name, min(halves), min(wholes)))
    return found


def hostile_json() -> list[Hostile]:
    """Give the times of whole documents, of half a megabyte and of one."""
    found = []
    for name, make in BODIES.items():
        half, whole = make(_HOSTILE // 2), make(_HOSTILE)
        halves = [_seconds_alone(half) for _ in range(3)]
        wholes = [_seconds_alone(whole) for _ in range(3)]
        found.append(Hostile(name, min(halves), min(wholes)))
    return found


def _seconds_alone(body: dict[str, JsonValue]) -> float:
    """Give the seconds without the collector of garbage, as timeit does."""
    gc.collect()
    gc.disable()
    try:
        return seconds(lambda: redact(body, _nobody()))
    finally:
        gc.enable()


def _nobody() -> Placeholders:
    return Placeholders(key=b"k")


def _documents(texts: Sequence[str]) -> "cycle[dict[str, JsonValue]]":
    """Fill documents with other lines each, a person's record to each ten of them."""
    lines = cycle(texts)
    documents: list[dict[str, JsonValue]] = []
    for number in range(10):
        rows: list[JsonValue] = []
        size = 0
        while size < JSON_BYTES:
            row: JsonValue = {
                "n": len(rows),
                "customer": {
                    "email": f"kim{number}.{len(rows)}@example.org",
                    "contact": "+44 20 7946 0018",
                    "address": "12 Harbour Road, Bristol BS1 9ZZ",
                },
                "lines": list(islice(lines, 10)),
            }
            rows.append(row)
            size += len(json.dumps(row))
        documents.append({"rows": rows})
    return cycle(documents)
