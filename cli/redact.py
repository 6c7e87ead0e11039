"""``autopilot redact``: standard input to standard output, without what is personal."""

import json
import os
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from typing import BinaryIO

from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.storable import storable
from gateway.redaction.walked import Walked, find_walked

# So much tells how letters are written.
_HEAD_BYTES = 200


class BadRow(Exception):
    """A row of input that holds no text; ``type`` says why, the row is not repeated."""

    def __init__(self, type_: str, reason: str) -> None:
        super().__init__(reason)
        self.type = type_


def run_redact(*, as_rows: bool) -> int:
    """Redact standard input; 1 if a row was bad, or if nobody reads the output."""
    try:
        if as_rows:
            return redact_rows(sys.stdin.buffer, sys.stdout.buffer)
        return redact_whole(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # so that the interpreter does not fail again when it closes standard output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def redact_whole(source: BinaryIO, sink: BinaryIO) -> int:
    """
    Redact text, lines that are JSON by their keys; no UTF-8 becomes U+FFFD.

    UTF-16 is told by its mark, or by a NUL beside each letter. There is no vault: a
    placeholder of an earlier run stays, as nothing reads it.
    """
    text = _decoded(source.read())
    placeholders = Placeholders(key=b"")
    placeholders.adopt(text)
    sink.write(redact_text(text, placeholders).encode())
    sink.flush()
    return 0


def _decoded(raw: bytes) -> str:
    """Decode as UTF-8, or as the UTF-16 in which some shells write, mark dropped."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    head = raw[:_HEAD_BYTES]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 1 and not any(head[start::2]) and all(head[1 - start :: 2]):
            return raw.decode(name, errors="replace")
    return raw.decode(errors="replace")


def redact_rows(source: Iterable[bytes], sink: BinaryIO) -> int:
    """
    Redact JSON lines ``{"text": …}`` into ``{"text", "spans": [{start, end, type}]}``.

    Spans are in code points of the input. A bad row becomes
    ``{"error": {type, line}}``, its line is named on standard error; blank lines are
    left out.
    """
    placeholders = Placeholders(key=b"")
    bad = 0
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            row = _redact_row(_parse(line), placeholders)
        except BadRow as exc:
            bad += 1
            print(f"autopilot: line {number}: {exc}", file=sys.stderr)
            row = {"error": {"type": exc.type, "line": number}}
        sink.write(json.dumps(row).encode() + b"\n")
    sink.flush()
    return 1 if bad else 0


def _parse(line: bytes) -> str:
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError:
        raise BadRow("not_utf8", "no UTF-8; encode the row as UTF-8") from None
    except ValueError:
        raise BadRow("not_json", "no JSON; give one object a line") from None
    except RecursionError:
        raise BadRow(
            "too_deep", "JSON too deeply nested; give the text alone"
        ) from None
    text = row.get("text") if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise BadRow("no_text", 'no string "text"; give {"text": "…"}')
    return text


def _redact_row(text: str, placeholders: Placeholders) -> dict[str, object]:
    """
    Redact a row's text, of which every span is given; a placeholder in it stays.

    ``storable`` replaces sign by sign, so that spans are the input's.
    """
    clean = storable(text)
    placeholders.adopt(clean)
    walked = find_walked(clean, placeholders.policy)
    rows: list[dict[str, object]] = [
        {"start": span.start, "end": span.end, "type": span.kind.value}
        for span in walked.spans
    ]
    return {"text": _replaced(clean, walked, placeholders), "spans": rows}


def _replaced(text: str, walked: Walked, placeholders: Placeholders) -> str:
    """Put placeholders in; one that stands for a number of JSON needs its quotes."""
    parts: list[str] = []
    last = 0
    for span in walked.spans:
        parts.append(text[last : span.start])
        mark = placeholders.replace(span.kind, text[span.start : span.end])
        parts.append(f'"{mark}"' if span.start in walked.numbers else mark)
        last = span.end
    return "".join([*parts, text[last:]])
