"""Lines of an export: one way to write each, and no other is read."""

from dataclasses import replace

import pytest

from audit.export import (
    BadLine,
    ChainedRecord,
    Header,
    Line,
    Note,
    parse_anchors,
    parse_line,
    parse_lines,
    render_line,
)
from tests.audit.test_checkpoint import NOTE
from tests.audit.test_record import RECORD

LINES: dict[str, Line] = {
    "header": Header("ops-autopilot/acme", "acme"),
    "entry": ChainedRecord(7, "ab" * 32, RECORD),
    "outside a task": ChainedRecord(
        8, "ab" * 32, replace(RECORD, task=None, task_seq=None)
    ),
    "checkpoint": Note(NOTE),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_each_line_is_read_back(line: Line) -> None:
    assert line == parse_line(render_line(line).encode())


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_no_byte_can_change_unseen(line: Line) -> None:
    """A changed byte is refused, or says something else; it never says the same."""
    raw = render_line(line).encode()
    for place in range(len(raw)):
        for byte in (b"", b" ", b"0", b"x", b'"', bytes([raw[place] ^ 1])):
            forged = raw[:place] + byte + raw[place + 1 :]
            if forged == raw:
                continue
            try:
                read = parse_line(forged)
            except BadLine:
                continue

            assert line != read


BAD = {
    "nothing": b"",
    "no JSON": b"{\n",
    "no object": b"[]\n",
    "another object": b'{"a":1}\n',
    "no newline": b'{"checkpoint":"x"}',
    "a space": b'{"checkpoint": "x"}\n',
    "an escape too many": b'{"checkpoint":"\\u0078"}\n',
    "twice the same key": b'{"checkpoint":"y","checkpoint":"x"}\n',
    "another format": b'{"format":"x/2","origin":"o","tenant":"t"}\n',
    "a lone surrogate": b'{"checkpoint":"\\ud800"}\n',
    "no UTF-8": b'{"checkpoint":"\xff"}\n',
    "far too deep": b"[" * 100_000,
    "a sequence of true": render_line(LINES["entry"])
    .replace('"seq":7', '"seq":true')
    .encode(),
    "sequence zero": render_line(LINES["entry"]).replace('"seq":7', '"seq":0').encode(),
    "a number too large": render_line(LINES["entry"])
    .replace('"task_seq":1', f'"task_seq":{2**53}')
    .encode(),
    "a sequence too large": render_line(LINES["entry"])
    .replace('"seq":7', f'"seq":{2**53}')
    .encode(),
    "a short hash": render_line(LINES["entry"]).replace("ab" * 32, "ab").encode(),
    "a field too many": render_line(LINES["entry"])
    .replace('"actor"', '"Actor":"x","actor"')
    .encode(),
    "a number for a name": render_line(LINES["entry"]).replace('"acme"', "1").encode(),
    "a name for a number": render_line(LINES["entry"])
    .replace('"task_seq":1', '"task_seq":"1"')
    .encode(),
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_what_is_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadLine):
        parse_line(line)


def test_a_bad_line_is_named() -> None:
    good = render_line(Note("x")).encode()

    with pytest.raises(BadLine, match="line 2: "):
        list(parse_lines([good, b"x\n"]))


ANCHOR = render_line(Note(NOTE)).encode()


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b"", 0),
        (ANCHOR, 1),
        (ANCHOR * 2, 2),
        (ANCHOR[:9], 0),
        (ANCHOR + ANCHOR[:9], 1),
        (ANCHOR[:9] + b"\n" + ANCHOR, 1),
        (ANCHOR + ANCHOR[:9] + b"\n", 1),
    ],
)
def test_what_a_crash_cut_off_is_passed_over(content: bytes, count: int) -> None:
    """A line that was begun, and written again, is no second checkpoint."""
    assert [NOTE] * count == parse_anchors(content)


@pytest.mark.parametrize(
    "content",
    [
        b"x\n" + ANCHOR,
        ANCHOR[:9] + b"x\n" + ANCHOR,
        render_line(LINES["header"]).encode(),
    ],
)
def test_a_foreign_line_among_anchors_is_refused(content: bytes) -> None:
    with pytest.raises(BadLine, match="anchor line 1"):
        parse_anchors(content)
