"""``autopilot redact``: text through a pipe, and rows with their spans."""

import io
import json
import subprocess
import sys

import pytest

from cli.processes import ROOT
from cli.redact import redact_rows, redact_whole

EMAIL = "kim@example.org"


def rows(*lines: object) -> tuple[int, list[dict[str, object]]]:
    source = [
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
    ]
    sink = io.BytesIO()
    code = redact_rows(source, sink)
    return code, [json.loads(line) for line in sink.getvalue().splitlines()]


def whole(data: bytes) -> str:
    sink = io.BytesIO()
    assert 0 == redact_whole(io.BytesIO(data), sink)
    return sink.getvalue().decode()


def test_a_row_gives_text_and_spans() -> None:
    """Spans are code points of the input, whatever stands before them."""
    code, [row] = rows({"text": f"😀 {EMAIL} at 2031-04-05T06:07:08Z"})

    assert 0 == code
    assert {
        "text": "😀 ⟨email:1⟩ at 2031-04-05T06:07:08Z",
        "spans": [{"start": 2, "end": 17, "type": "EMAIL"}],
    } == row


def test_one_value_is_one_placeholder_in_all_rows() -> None:
    _, found = rows({"text": EMAIL}, {"text": "lee@example.org"}, {"text": EMAIL})

    assert ["⟨email:1⟩", "⟨email:2⟩", "⟨email:1⟩"] == [row["text"] for row in found]


def test_a_second_run_changes_nothing() -> None:
    """Placeholders of the first stay, and new ones have other numbers."""
    once = whole(f"{EMAIL}, call 020 7946 0018 or +442079460018".encode())

    assert once == whole(once.encode())
    assert "⟨email:1⟩ ⟨email:2⟩" == whole(f"⟨email:1⟩ {EMAIL}".encode())


@pytest.mark.parametrize(
    ("line", "type_"),
    [
        (b"nonsense", "not_json"),
        (b'{"text": "\xff"}', "not_utf8"),
        (b"[" * 100_000, "too_deep"),
        (b"[]", "no_text"),
        (b"null", "no_text"),
        (b'{"text": 1}', "no_text"),
        (b"{}", "no_text"),
    ],
)
def test_a_bad_row_is_an_error_in_its_place(
    capfd: pytest.CaptureFixture[str], line: bytes, type_: str
) -> None:
    """With its line, on both sides; the others are redacted all the same."""
    code, found = rows({"text": EMAIL}, b"", line, {"text": EMAIL})
    _, said = capfd.readouterr()

    assert 1 == code
    assert {"error": {"type": type_, "line": 3}} == found[1]
    assert "⟨email:1⟩" == found[0]["text"] == found[2]["text"]
    assert said.startswith("autopilot: line 3: ")
    assert 1 == len(said.splitlines())


@pytest.mark.parametrize("text", ["\ud800 kim@example.org", "\0 kim@example.org"])
def test_what_can_not_be_stored_is_replaced(text: str) -> None:
    _, [row] = rows({"text": text})

    assert "\N{REPLACEMENT CHARACTER} ⟨email:1⟩" == row["text"]
    assert [{"start": 2, "end": 17, "type": "EMAIL"}] == row["spans"]


def test_text_goes_through_a_pipe() -> None:
    """Without settings or a database; bytes that are no UTF-8 are replaced."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "redact"],
        cwd=ROOT,
        env={},
        input=f"to {EMAIL} \xff\n".encode("latin-1"),
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (0, b"") == (done.returncode, done.stderr)
    assert "to ⟨email:1⟩ \N{REPLACEMENT CHARACTER}\n" == done.stdout.decode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_what_another_shell_writes_is_read(encoding: str) -> None:
    """Else a secret would pass between its zeros."""
    raw = "kim@example.org password=hunter2".encode(encoding)

    assert "⟨email:1⟩ password=⟨secret⟩" == whole(raw)


def test_a_line_that_is_json_is_walked() -> None:
    """By its keys, among lines that are none; numbers stay as they were written."""
    row = '{"customer": {"name": "Zoe Quinn"}, "ts": 1712345678.120}'
    told = whole(f"started\n{row}\n{row}\n".encode())

    masked = row.replace("Zoe Quinn", "⟨name:1⟩")
    assert f"started\n{masked}\n{masked}\n" == told
    assert told == whole(told.encode())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"customer": {"name": "Zoe Quinn"}}', ["Zoe Quinn"]),
        ('😀 INFO body={"phone": 5550199, "n": 1} ok', ["5550199"]),
        (r'{"said": "a\n\ud83d\ude00 kim@example.org"}', [EMAIL]),
        (r'{"customer": {"name": "\u00eb \ud83d\ude00"}}', [r"\u00eb \ud83d\ude00"]),
        (r'😀 "{\"customer\":{\"name\":\"Zo\\u00eb\"}}" x', [r"Zo\\u00eb"]),
        (f'{{"phone": "5550"}} {{"a": "\\t{EMAIL}"}} {EMAIL}', ["5550", EMAIL, EMAIL]),
    ],
)  # fmt: skip
def test_the_json_of_a_row_is_walked(text: str, values: list[str]) -> None:
    """Spans are code points of the row's text, escapes of the JSON in it whole."""
    _, [row] = rows({"text": text})
    spans = row["spans"]

    assert isinstance(spans, list)
    assert values == [text[one["start"] : one["end"]] for one in spans]
    assert not any(value in str(row["text"]) for value in values)
    assert [row["text"]] == [again["text"] for again in rows({"text": row["text"]})[1]]


def test_nobody_who_reads_is_no_traceback() -> None:
    rows = b'{"text": "kim@example.org"}\n' * 20_000
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m cli.main redact --jsonl | head -n 1"],
        cwd=ROOT,
        input=rows,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert b"" == done.stderr
    assert 1 == len(done.stdout.splitlines())
