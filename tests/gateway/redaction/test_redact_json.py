"""JSON in a string, and in that once more: walked, or left out by name."""

import json

import pytest
from pydantic import JsonValue

from gateway.redaction.redact import TOO_DEEP, TOO_LONG, redact, redact_text
from tests.gateway.redaction.test_redact import EMAIL, hidden


@pytest.mark.parametrize(
    "said", [f"\t{EMAIL}", f"\n{EMAIL}", f"\u2028{EMAIL}", 'call "token=ab12cd34ef"']
)
def test_what_breaks_the_json_around_it_hides_no_key(said: str) -> None:
    """An escape before a mail, a quote behind a secret: the keys tell all the same."""
    body = {"log": json.dumps({"said": said}), "customer": {"name": "Zoe Quinn"}}
    text = json.dumps(body)
    clean = redact_text(text, hidden())
    found = json.loads(clean)

    assert {"name": "⟨name:1⟩"} == found["customer"]
    assert ["said"] == list(json.loads(found["log"]))
    assert EMAIL not in clean
    assert "ab12cd34ef" not in clean


def test_json_of_any_depth_in_a_string_is_searched() -> None:
    """What no parser takes is text."""
    text = "[" * 100_000 + f'"{EMAIL}"' + "]" * 100_000

    assert EMAIL not in redact_text(text, hidden())


def test_json_whose_keys_may_tell_is_left_out_where_it_is_too_deep() -> None:
    """By name, and not as a text in which those keys tell nothing."""
    person = '{"customer": {"name": "Zoe Quinn"}}'
    found = redact({"log": "[" * 2000 + person + "]" * 2000, "n": 1}, hidden())

    assert {"log": TOO_DEEP, "n": 1} == found


def in_strings(value: JsonValue, *, times: int) -> JsonValue:
    for _ in range(times):
        value = {"log": json.dumps(value)}
    return value


@pytest.mark.parametrize("times", [1, 3, 4, 6])
def test_json_in_strings_of_json_hides_nobody(times: int) -> None:
    """Walked three strings deep; what is deeper is left out, by name."""
    found = redact(
        {"a": in_strings({"customer": {"name": "Zoe"}}, times=times)}, hidden()
    )
    told = json.dumps(found, ensure_ascii=False)

    assert "Zoe" not in told
    assert (TOO_DEEP in told) is (times > 3)


def test_what_tells_nothing_stays_however_deep() -> None:
    """No key, no person: it is searched as text."""
    deep = in_strings({"level": f"warn {EMAIL}"}, times=5)
    told = json.dumps(redact({"a": deep}, hidden()), ensure_ascii=False)

    assert "warn ⟨email:1⟩" in told
    assert TOO_DEEP not in told


def test_json_that_is_too_long_to_walk_is_left_out_by_name() -> None:
    """Where it has a telling key; what only looks like JSON is a text."""
    rest = "x" * 4_200_000
    log = json.dumps({"customer": {"name": "Zoe Quinn"}, "rest": rest})
    found = redact({"log": log, "template": f"{{customer.name: {rest}}}"}, hidden())

    assert TOO_LONG == found["log"]
    assert found["template"] != TOO_LONG
