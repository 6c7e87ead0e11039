# ruff: noqa: RUF001 - brackets that are no placeholder's
"""The way back: each value where its placeholder stood, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.redact import Placeholders, redact
from gateway.redaction.rehydrate import (
    MisplacedPlaceholder,
    UnknownPlaceholder,
    rehydrate,
)

VALUES = st.sampled_from(
    [
        "kim@example.org",
        "lee+1@mail.example.com",
        "+44 20 7946 0018",
        "call (020) 7946 0018",
        "Lindenallee 7, 20457 Hamburg, Germany",
        "GB82 WEST 1234 5698 7654 32",
        "trace_id=0123456789abcdef0123456789abcdef",
        "2031-04-05T06:07:08Z",
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="⟨⟩"))
MIXED = st.lists(VALUES | TEXTS, max_size=4).map(" ".join)
JSON = st.recursive(
    MIXED | st.none() | st.booleans() | st.integers(-1000, 1000),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=3)
    ),
    max_leaves=8,
)


def known(placeholders: Placeholders) -> dict[str, str]:
    return {placeholder: value for placeholder, _, _, value in placeholders.fresh}


@given(st.dictionaries(st.sampled_from(["note", "email", "phone", "x"]), JSON))
def test_what_was_redacted_comes_back(body: dict[str, JsonValue]) -> None:
    """Each reversible value, in the spelling in which it was first seen."""
    placeholders = Placeholders(key=b"k")
    redacted = redact(body, placeholders)
    back = rehydrate(dict(redacted), known(placeholders))
    if placeholders.secrets_removed == 0:
        assert as_seen(body) == as_seen(back)


def as_seen(value: JsonValue) -> JsonValue:
    """Numbers under a telling key come back as text; case and blanks may differ."""
    if isinstance(value, dict):
        return {key: as_seen(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_seen(item) for item in value]
    return "".join(str(value).lower().split()) if value is not None else None


def test_a_value_is_not_looked_up_again() -> None:
    """One pass: what a value holds is no placeholder."""
    assert "⟨email:2⟩" == rehydrate("⟨email:1⟩", {"⟨email:1⟩": "⟨email:2⟩"})


def test_what_was_never_given_out_is_refused() -> None:
    """Nothing is sent with a placeholder in it."""
    with pytest.raises(UnknownPlaceholder, match="⟨email:9⟩"):
        rehydrate({"to": ["⟨email:9⟩"]}, {"⟨email:1⟩": "kim@example.org"})


def test_a_forged_placeholder_gives_nobodys_value() -> None:
    """Neither one that is not given out yet, nor, from outside, one that is."""
    placeholders = Placeholders(key=b"k")
    redact({"a": "kim@example.org"}, placeholders)
    placeholders.is_outside = True
    forged = redact({"note": "send it to ⟨email:1⟩ and ⟨email:2⟩"}, placeholders)

    back = rehydrate(dict(forged), known(placeholders))
    assert {"note": "send it to ‹email:1› and ‹email:2›"} == back


def test_secrets_stay_away() -> None:
    assert "⟨secret⟩" == rehydrate("⟨secret⟩", {})


BREAKOUT = 'x","admin":true,"y":"'
ONE = "⟨name:1⟩"


def back(text: str, value: str = BREAKOUT) -> str:
    return str(rehydrate({"body": text}, {ONE: value})["body"])  # type: ignore[index,call-overload]


@given(st.text(max_size=20) | st.just(BREAKOUT), st.integers(0, 4))
def test_a_value_adds_no_field_to_json_in_a_string(value: str, times: int) -> None:
    """In strings of strings as well: what is read there is the value, and no more."""
    text = json.dumps({"name": ONE, "of": [1, f"a {ONE}"]}, ensure_ascii=False)
    for _ in range(times):
        text = json.dumps({"log": text, "n": "é"}, ensure_ascii=False)
    try:
        sent: JsonValue = back(text, value)
    except MisplacedPlaceholder:
        # a line of it may be a field of the text within
        assert "\n" in value
        return
    for _ in range(times):
        sent = json.loads(str(sent))["log"]

    assert {"name": value, "of": [1, f"a {value}"]} == json.loads(str(sent))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'INFO body={{"name": "{ONE}"}} ok', r'INFO body={"name": "a\"b"} ok'),
        (f'x="{{\\"n\\":\\"{ONE}\\"}}"', r'x="{\"n\":\"a\\\"b\"}"'),
        (f'[1, "{ONE}", "\\u00e9"]', r'[1, "a\"b", "\u00e9"]'),
        (f'{{"{ONE}": 1}}', r'{"a\"b": 1}'),
        (f"met {ONE}", 'met a"b'),
        (ONE, 'a"b'),
    ],
)
def test_a_value_is_escaped_as_often_as_strings_nest(text: str, expected: str) -> None:
    """Everything else stays as it is written; prose is no JSON."""
    assert expected == back(text, 'a"b')


@pytest.mark.parametrize(
    "text",
    [
        f'{{"name": {ONE}}}',
        f'INFO {{"n": 1, "name" : {ONE}, "m": 2}}',
        f'{{"a": 1, /* c */ "name": "{ONE}"}}',
        f'{{"a": 1, b: {ONE}}}',
        f'name: "{ONE}"',
        f'[x, "{ONE}"]',
        f'to="a {ONE} b"',
        f'{{"a": 1, b: "see {ONE}, or not"}}',
    ],
)
def test_what_is_nearly_json_takes_no_value_that_breaks_out(text: str) -> None:
    """It is refused by name, and the refusal does not quote the value."""
    with pytest.raises(MisplacedPlaceholder, match=ONE) as caught:
        back(text)

    assert "admin" not in str(caught.value)
    if f'"{ONE}"' in text:
        assert text.replace(ONE, "Zoe O'Neil") == back(text, "Zoe O'Neil")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"{{'to': '{ONE}'}}", "x', 'admin': True, 'y': '"),
        (f"f(to='a {ONE} b')", "x', admin=True, y='"),
        (f"to='{ONE}'", "a\\"),
        (f'said "{ONE} is here"', 'x" admin="1'),
        (f"n=1 to={ONE} m=2", "12 Elm Row\nadmin=1"),
        (f"to={ONE} m=2", "12 Elm Row\nHull"),
        (f"to: {ONE}", "12 Elm Row\nbcc: kim@example.org"),
        (f"to: {ONE}", "12 Elm Row\n- admin: true"),
    ],
)
def test_a_value_ends_no_quotes_and_adds_no_field(text: str, value: str) -> None:
    """In Python's form, in logfmt, in YAML: it is refused by name, and not quoted."""
    with pytest.raises(MisplacedPlaceholder, match=ONE) as caught:
        back(text, value)

    assert "admin" not in str(caught.value)
    assert "Elm" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"it's for {ONE}", "Zoe O'Neil"),
        (f"say 'hi' to {ONE}", "Zoe O'Neil"),
        (f'the "old" {ONE}', 'Zoe "Zee" Quinn'),
        (f"Ship it to {ONE}, please", "12 Elm Row\nHull"),
        (f"to: {ONE}", "12 Elm Row\nHull"),
        (f'to="{ONE}"', "Zoe O'Neil"),
        (f"to: {ONE}", "kim@example.org \n2031-04-05T06:07:08Z"),
        (f" {ONE}\n", "12 Elm Row\nbcc: x"),
    ],
)
def test_what_adds_nothing_comes_back(text: str, value: str) -> None:
    assert text.replace(ONE, value) == back(text, value)
