"""
Sentences and values of our own, which no data lent: a stand-in for a half unseen.

``redaction_own.txt`` holds one a line: a kind, a bar, and a text in which ``⟦…⟧`` marks
each value. Rules may be mended by what they miss, and never name a value of theirs.
"""

import re
from pathlib import Path

from bench.redaction_corpus import Row, Stretch

_FILE = Path(__file__).with_suffix(".txt")
_MARKED = re.compile(r"⟦(.*?)⟧", re.DOTALL)
_TYPES = {
    "email": "EMAIL",
    "phone": "PHONE",
    "address": "ADDRESS",
    "secret": "SECRET",
    "card": "CARD",
    "id": "NATIONAL_ID",
}


def load_own() -> list[Row]:
    """Give a row for each line; its tier is its kind."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return [_row(line) for line in lines if line]


def _row(line: str) -> Row:
    kind, _, marked = line.partition("|")
    marked = marked.replace("\\n", "\n")
    parts: list[str] = []
    spans: list[Stretch] = []
    last = size = 0
    for hit in _MARKED.finditer(marked):
        parts += (marked[last : hit.start()], hit[1])
        start = size + hit.start() - last
        size = start + len(hit[1])
        spans.append(Stretch(start, size, _TYPES[kind]))
        last = hit.end()
    text = "".join([*parts, marked[last:]])
    return Row(text, kind, text, tuple(spans), ())
