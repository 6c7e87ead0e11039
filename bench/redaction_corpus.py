"""The public data that redaction is measured on: rows, their spans, what must stay."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Beside the checkout; never a part of it (licences and provenance differ).
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "pii"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Code points from ``start`` to before ``end``, and what they are said to be."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Row:
    """``tier`` groups rows in a table, ``origin`` says where one is from."""

    text: str
    tier: str
    origin: str
    spans: tuple[Stretch, ...]
    must_keep: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A file of rows; ``tier`` and ``origin`` name the fields that say so."""

    file: str
    title: str
    tier: Sequence[str]
    origin: Sequence[str]


KINDS = (
    Kind("emails", "email", ("tier",), ("tier", "category", "source")),
    Kind("phones", "phone", ("format",), ("format", "region", "ntype")),
    Kind(
        "addresses", "address, with country", ("layout",), ("country", "street_level")
    ),
    Kind("addresses_nocountry", "address, without", ("layout",), ("country", "layout")),
)


def load(folder: Path, kind: Kind) -> list[Row]:
    return [_row(json.loads(line), kind) for line in _lines(folder, kind.file)]


def load_negatives(folder: Path, file: str) -> list[Row]:
    kind = Kind(file, file, ("class",), ("class", "source"))
    return [_row(json.loads(line), kind) for line in _lines(folder, file)]


def _lines(folder: Path, file: str) -> list[str]:
    return (folder / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()


def _row(given: dict[str, object], kind: Kind) -> Row:
    return Row(
        text=str(given["text"]),
        tier=_named(given, kind.tier),
        origin=_named(given, kind.origin),
        spans=_stretches(given.get("spans")),
        must_keep=_stretches(given.get("must_keep")),
    )


def _named(given: dict[str, object], fields: Sequence[str]) -> str:
    values = [given.get(field) for field in fields]
    return " ".join(str(value) for value in values if value is not None)


def _stretches(given: object) -> tuple[Stretch, ...]:
    found = given if isinstance(given, list) else []
    return tuple(Stretch(one["start"], one["end"], one["type"]) for one in found)
