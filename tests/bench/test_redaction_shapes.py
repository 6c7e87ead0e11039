"""The shapes of JSON that are measured are what they are called."""

import json

import pytest

from bench.redaction_shapes import JSON_BYTES, SHAPES, shaped
from gateway.redaction.redact import Placeholders, redact


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("measurements of routes", set()),
        ("people by their fields", {"email", "phone", "name", "address"}),
        ("tickets, a text of a person each", {"email", "phone", "name", "address"}),
        ("short sentences, a phone each", {"phone"}),
    ],
)
def test_a_document_is_64_kb_of_what_it_says(name: str, kinds: set[str]) -> None:
    """Rows name other people each, of the kinds that its name tells."""
    document = shaped(SHAPES[name], first=17)
    size = len(json.dumps(document, ensure_ascii=False).encode())
    placeholders = Placeholders(key=b"k")
    redact(document, placeholders)
    rows = document["rows"]

    assert JSON_BYTES <= size < JSON_BYTES * 1.1
    assert kinds == {kind for _, kind, _, _ in placeholders.fresh}
    assert isinstance(rows, list)
    assert (not kinds) or len(placeholders.fresh) >= len(rows)
