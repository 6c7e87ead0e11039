"""
Bad input, by the pipe, by its rows and by the gate: handled, or refused by name.

Nothing passes unseen: whatever the form, the person in it is gone from what comes out.
"""

import io
import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from cli.redact import redact_rows, redact_whole
from gateway.redaction.redact import TOO_DEEP, Placeholders, redact

EMAIL = "kim.canary@example.org"
PHONE = "5550199"
NAME = "Zebulon Quux"
ROW = {"to": EMAIL, "contact": {"phone": PHONE, "name": NAME}}
TEN_MEGABYTES = 10_000_000
WORD = "x" * 499 + " "


def in_strings(times: int) -> str:
    text = json.dumps(ROW)
    for _ in range(times):
        text = json.dumps({"log": text})
    return text


def in_short_strings(times: int) -> str:
    """Give JSON in strings whose quotes grow by five signs each, not twofold."""
    text = json.dumps(ROW)
    for _ in range(times):
        text = text.replace("\\", "\\u005c").replace('"', "\\u0022")
        text = f'["{text}"]'
    return text


def nested(depth: int) -> str:
    return '{"a":[' * depth + json.dumps(ROW) + "]}" * depth


# What comes in, as a text, and what stands in the place of what is refused.
TEXTS: dict[str, tuple[str, str]] = {
    "half a surrogate pair": (f"\ud800{EMAIL} phone: {PHONE}\udfff", ""),
    "half a pair in JSON": (f'{{"phone": "\\ud800{PHONE}", "to": "{EMAIL}"}}', ""),
    "NUL": (f"\0{EMAIL}\0phone: {PHONE}\0", ""),
    "a line of 10 MB": (WORD * (TEN_MEGABYTES // 500) + f"{EMAIL} phone: {PHONE}", ""),
    "JSON of 10 MB": (json.dumps({"rest": "x" * TEN_MEGABYTES, **ROW}), ""),
    "JSON 1,000 deep": (nested(1_000), ""),
    "JSON 100,000 deep": (nested(100_000), ""),
    "JSON cut off": (f'INFO {{"to": "{EMAIL}", "contact": {{"phone": "{PHONE}', ""),
    "JSON in a string": (in_strings(1), ""),
    "JSON in a string in a string": (in_strings(2), ""),
    "JSON in five strings": (in_strings(5), ""),
    "JSON in nine strings": (in_strings(9), TOO_DEEP),
    "JSON in hundreds of strings": (in_short_strings(300), TOO_DEEP),
    "Base64": (b64encode(f"to {EMAIL} phone: {PHONE}".encode()).decode(), ""),
    "JSON in a field of a log": (f"msg={json.dumps(f'got {json.dumps(ROW)}')}", ""),
    "JSON, twice so": (f"msg={json.dumps(f'got {in_strings(1)}')}", ""),
    "Base64 of JSON in strings": (b64encode(in_strings(3).encode()).decode(), ""),
    "Base64 of JSON in nine": (b64encode(in_strings(9).encode()).decode(), ""),
    "Base64 of JSON": (f"body={b64encode(json.dumps(ROW).encode()).decode()}", ""),
    "URL-encoded": (quote(f"to={EMAIL}&phone={PHONE}"), ""),
    "URL-encoded JSON": (f"/x?q={quote(json.dumps(ROW))}", ""),
}


def by_pipe(text: str) -> str:
    sink = io.BytesIO()
    data = text.encode("utf-8", "surrogatepass")
    assert 0 == redact_whole(io.BytesIO(data), sink)
    return sink.getvalue().decode()


def by_rows(text: str) -> str:
    sink = io.BytesIO()
    assert 0 == redact_rows([json.dumps({"text": text}).encode()], sink)
    row = json.loads(sink.getvalue())
    assert all(one["end"] <= len(text) for one in row["spans"])
    return str(row["text"])


def by_gate(text: str) -> str:
    found = redact({"result": [{"body": text}]}, Placeholders(key=b"task"))
    return json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("way", [by_pipe, by_rows, by_gate])
def test_bad_input_hides_nobody(way: Callable[[str], str], name: str) -> None:
    """What is refused says so by name; rows are walked however deep strings nest."""
    text, refused = TEXTS[name]
    refusal = "" if way is by_rows else refused
    clean = way(text)

    assert EMAIL not in clean
    assert PHONE not in clean
    assert NAME not in clean
    assert (refusal or "⟨") in clean
    assert clean == clean.encode().decode()


def test_bytes_that_are_no_utf_8_are_replaced_or_refused() -> None:
    """A pipe goes on, a row is refused by name and the next one is redacted."""
    raw = f"caf\xe9 {EMAIL}".encode("latin-1")
    piped, rows = io.BytesIO(), io.BytesIO()
    redact_whole(io.BytesIO(raw), piped)
    code = redact_rows(
        [b'{"text": "' + raw + b'"}', json.dumps({"text": EMAIL}).encode()], rows
    )

    assert "caf\N{REPLACEMENT CHARACTER} ⟨email:1⟩" == piped.getvalue().decode()
    assert 1 == code
    assert [{"type": "not_utf8", "line": 1}, "⟨email:1⟩"] == [
        row.get("error") or row["text"]
        for row in map(json.loads, rows.getvalue().splitlines())
    ]
