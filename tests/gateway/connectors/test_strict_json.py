"""Strict JSON: what the standard has not, is refused with its reason."""

import pytest

from gateway.connectors.strict_json import NotJson, parse_json


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", {}),
        (
            b' {"a": [1, 2.5, null, true, "\xc3\xa9"]} ',
            {"a": [1, 2.5, None, True, "é"]},
        ),
        (b"[" * 60 + b"]" * 60, None),
        (b'"NaN"', "NaN"),
    ],
)
def test_json_is_read(body: bytes, expected: object) -> None:
    """Sixty levels are fine."""
    found = parse_json(body)

    assert expected is None or expected == found


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "HTML"),
        (b"\n  <?xml version='1.0'?>", "HTML"),
        (b"", "no JSON"),
        (b'{"a": 1', "no JSON"),
        (b"{} {}", "no JSON"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[Infinity]", "Infinity is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"[1e999]", "too large"),
        (b"[" + b"9" * 5000 + b"]", "too many digits"),
        (b'{"a": "\xff"}', "no UTF-8 at byte 7"),
        ("{}".encode("utf-16"), "no UTF-8"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b"[" * 65 + b"]" * 65, "deeper than 64"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deeper than 64"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes, why: str) -> None:
    """With a reason that quotes nothing."""
    with pytest.raises(NotJson, match=why):
        parse_json(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb'{"a\u0000": ["b\ud800", "\udfffc"]}', {"a\ufffd": ["b\ufffd", "\ufffdc"]}),
        (rb'"\uD83D\uDE00"', "\N{GRINNING FACE}"),
        (rb'"\uDE00\uD83D"', "\ufffd\ufffd"),
        (rb'"\\u0000"', r"\u0000"),
        (rb'[1, null, "\u00e9"]', [1, None, "\u00e9"]),
    ],
)
def test_what_no_database_takes_is_replaced(body: bytes, expected: object) -> None:
    """Anybody may write it, and the rest is to be read all the same."""
    assert expected == parse_json(body)
