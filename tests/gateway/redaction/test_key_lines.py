"""What the texts before it in a list make a secret."""

import json

import pytest
from pydantic import JsonValue

from gateway.redaction.key_lines import KeyLines
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact, redact_text
from gateway.redaction.span import Policy
from gateway.redaction.walked import find_walked

BODY = "MIIEowIBAAKCAQEAq" + "aB3" * 15
KEY = ["-----BEGIN RSA PRIVATE KEY-----", BODY, "aB3=", "-----END RSA PRIVATE KEY-----"]
GONE = "⟨secret⟩"


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        (KEY, [BODY, "aB3=", KEY[-1]]),
        ([*KEY, "rest"], [BODY, "aB3=", KEY[-1]]),
        (
            [KEY[0], "DEK-Info: AES,0A", BODY],
            ["DEK-Info: AES,0A", BODY],
        ),
        ([KEY[0], "", BODY, "and then prose", "word"], [BODY]),
        (["-----BEGIN CERTIFICATE-----", BODY], []),
        (["run", "--db-password", "hunter", "x"], ["hunter"]),
        (["--token", "--verbose", "x"], []),
        (["--token", "$TOKEN", "x"], []),
    ],
)
def test_lines_go_on_to_where_the_key_ends(texts: list[str], held: list[str]) -> None:
    lines = KeyLines()

    assert held == [one for one in texts if lines.holds(one)]


def test_no_line_of_a_key_is_left() -> None:
    """As JSON, as its text, and by rows; what follows stays."""
    body: dict[str, JsonValue] = {
        "key": [*KEY, "rest"],
        "args": ["--token", "hunter", "run"],
    }
    wanted = {"key": [GONE] * 4 + ["rest"], "args": ["--token", GONE, "run"]}
    text = json.dumps(body)
    told = redact_text(text, Placeholders(key=b"k"))
    left = list(text)
    for one in reversed(find_walked(text, Policy()).spans):
        left[one.start : one.end] = GONE

    assert wanted == redact(body, Placeholders(key=b"k"))
    assert wanted == json.loads(told)
    assert told == redact_text(told, Placeholders(key=b"k"))
    assert wanted == json.loads("".join(left))
