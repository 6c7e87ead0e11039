"""Spans of a text that holds JSON: what is redacted, where it is written."""

import json
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.placeholder import ANY, Placeholders
from gateway.redaction.redact import redact, redact_text
from gateway.redaction.span import Kind, Policy, Span
from gateway.redaction.walked import find_under, find_walked, is_telling
from tests.gateway.redaction.test_redact import EMAIL, hidden
from tests.gateway.redaction.test_redact_json import NAMES, SAID

POLICY = Policy()


def test_a_number_needs_its_quotes() -> None:
    text = 'x {"phone": 15551234567.0, "n": 15551234567.0, "pin": "12"}'
    found = find_walked(text, POLICY)

    assert [("15551234567.0", Kind.PHONE)] == [
        (text[one.start : one.end], one.kind) for one in found.spans
    ]
    assert {12} == found.numbers


def test_a_key_may_be_personal() -> None:
    text = f'{{"{EMAIL}": {{"phone": "5550199"}}}}'

    assert [EMAIL, "5550199"] == [
        text[one.start : one.end] for one in find_walked(text, POLICY).spans
    ]


@settings(max_examples=300)
@given(
    st.dictionaries(NAMES, SAID | NAMES, max_size=3),
    st.sampled_from(["{}", "INFO body={} ok", f"{EMAIL} {{}} {{}}", "a\n{}\nb"]),
)
def test_what_the_spans_leave_is_what_redaction_leaves(
    said: dict[str, str], form: str
) -> None:
    """In the same order, whatever stands for the rest; in any surroundings."""
    one = json.dumps(said, ensure_ascii=False)
    one = re.sub(r"\\u[0-9a-f]{4}|[\0\ud800-\udfff⟨⟩]", "x", one)
    text = form.format(one, one)
    found = find_walked(text, POLICY)
    left, last = [], 0
    for span in found.spans:
        assert last <= span.start < span.end <= len(text)
        left.append(text[last : span.start])
        last = span.end
    left.append(text[last:])

    assert ANY.split(redact_text(text, hidden())) == left


def work(text: str) -> int:
    """Count the calls that a search makes, built-in ones too."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        find_walked(text, POLICY)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("unit", ["{", '{"', '{"phone": "5550199"} ', '{"a": "\\n'])
def test_twice_the_text_is_at_most_twice_the_work(unit: str) -> None:
    work("warm up: " + EMAIL)
    size = 20_000 // len(unit)
    once, twice = work(unit * size), work(unit * size * 2)

    assert twice <= 2.2 * once + 100


def test_a_text_is_searched_as_behind_its_key() -> None:
    """Spans are the text's own."""
    assert [Span(0, 11, Kind.PHONE)] == find_under("caller", "02079460018", Policy())
    assert [] == find_under("", "02079460018", Policy())
    yaml = "first_name: Zoe\nDB_PASSWORD: correcthorse"
    assert [Span(12, 15, Kind.NAME), Span(29, 41, Kind.SECRET)] == find_under(
        "note", yaml, Policy()
    )


def test_a_key_or_a_text_tells() -> None:
    assert is_telling("Zoe", "first_name", Policy())
    assert is_telling("kim@example.org", "", Policy())
    assert not is_telling("checkout", "service", Policy())


@pytest.mark.parametrize(
    ("key", "value", "clean"),
    [
        ("phones", [4915112345678, 5550199], ["⟨phone:1⟩", "⟨phone:2⟩"]),
        ("phone", {"numbers": [4915112345678]}, {"numbers": ["⟨phone:1⟩"]}),
        ("pass", 12345678, "⟨secret⟩"),
        ("password", 1234, "⟨secret⟩"),
        ("token", 123456, "⟨secret⟩"),
        ("passwords", [12345678], ["⟨secret⟩"]),
        ("addresses", [{"address": "Birch Row 3"}], [{"address": "⟨address:1⟩"}]),
    ],
)
def test_numbers_and_lists_are_what_their_key_says(
    key: str, value: JsonValue, clean: JsonValue
) -> None:
    """As JSON, and in a text."""
    assert {key: clean} == redact({key: value}, hidden())
    assert {key: clean} == json.loads(redact_text(json.dumps({key: value}), hidden()))


def test_a_number_may_be_a_regions_phone() -> None:
    """Where policy names the region: in JSON as in text; an instant stays."""
    policy = Policy(phone_regions=("GB",))
    body: dict[str, JsonValue] = {"n": [2079460018, 1761234567, 12], "s": "2079460018"}

    assert {"n": ["⟨phone:1⟩", 1761234567, 12], "s": "⟨phone:1⟩"} == redact(
        body, Placeholders(key=b"task", policy=policy)
    )
