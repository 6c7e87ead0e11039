"""Redaction: canaries in every place that a connector's answer may hold them."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.redact import (
    Placeholders,
    redact,
    redact_text,
    storable,
    storable_json,
)
from gateway.redaction.span import Policy

EMAIL = "ann.canary@example.org"
SECRETS = [
    "xoxb-1234567890-abcdefghij",
    "xapp-1-A0123456789-abcdef",
    "ghp_" + "a" * 36,
    "AKIA" + "A" * 16,
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJlZm9v",
    "sk-" + "a" * 32,
    "Bearer abcdefghijklmnopqrstuvwxyz",
    "password=hunter2hunter2",
    'api_key: "0123456789abcdef"',
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def hidden() -> Placeholders:
    return Placeholders(key=b"task")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_removed_for_good(secret: str) -> None:
    """What looks like a credential leaves no trace and no placeholder."""
    placeholders = hidden()
    clean = redact_text(f"before {secret} after", placeholders)

    assert secret not in clean
    assert "⟨secret⟩" in clean
    assert clean.startswith("before ")
    assert [] == placeholders.fresh


@pytest.mark.parametrize("key", ["password", "token", "Authorization", "api-key"])
def test_a_secret_key_hides_any_value(key: str) -> None:
    """Under such a key nothing is shown, whatever it looks like."""
    assert {key: "⟨secret⟩"} == redact({key: "short"}, hidden())


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("email", "Ann <ann at example dot org>", "email"),
        ("phone", 491_234_567, "phone"),
        ("phone", "ext 4711", "phone"),
        ("First-Name", "Ann", "name"),
        ("postal_address", "Main St 1", "address"),
        ("dob", "1990-01-01", "birth"),
    ],
)
def test_a_personal_key_hides_its_value(key: str, value: object, kind: str) -> None:
    """Keys say what a value is, before any pattern does."""
    found = redact({"users": [{key: value}]}, hidden())  # type: ignore[dict-item]

    assert {"users": [{key: f"⟨{kind}:1⟩"}]} == found


def test_one_value_has_one_placeholder() -> None:
    """Case and blanks aside, an address is the same wherever it stands."""
    found = redact({"a": f"{EMAIL} {EMAIL.upper()}", "email": f" {EMAIL} "}, hidden())

    assert {"a": "⟨email:1⟩ ⟨email:1⟩", "email": "⟨email:1⟩"} == found


def test_another_value_has_another_placeholder() -> None:
    """Numbers go on from what the task knows already."""
    placeholders = hidden()
    redact_text(EMAIL, placeholders)

    assert "⟨email:2⟩" == redact_text("bob@example.org", placeholders)


def test_a_placeholder_says_nothing_of_its_value() -> None:
    """Another task's key gives another fingerprint."""
    first, second = Placeholders(key=b"one"), Placeholders(key=b"two")
    redact_text(EMAIL, first)
    redact_text(EMAIL, second)

    assert first.fresh[0][2] != second.fresh[0][2]
    assert EMAIL not in first.fresh[0][2]


@given(
    body=st.dictionaries(st.text(), JSON, max_size=4),
    left=st.text(alphabet=" ,;<>()\"'", max_size=3),
)
def test_a_canary_never_leaves(body: dict[str, object], left: str) -> None:
    """Whatever stands around it, an address put anywhere is found."""
    planted = {**body, "deep": [{"text": f"{left}{EMAIL}{left}"}, body]}
    found = redact(planted, hidden())  # type: ignore[arg-type]

    assert EMAIL not in str(found)


@given(st.text())
def test_what_leaves_can_be_stored(text: str) -> None:
    """No NUL and no half surrogate is left, and nothing else changes."""
    clean = storable(text + "\0\ud800")

    assert clean == clean.encode().decode()
    assert "\0" not in clean
    assert len(text) + 2 == len(clean)


TEXTS = st.lists(
    st.sampled_from(
        [
            EMAIL,
            "+44 20 7946 0018",
            "phone 020 7946 0018",
            "Lindenallee 7, 20457 Hamburg",
            "password=hunter2hunter2",
            '{"email": "x", "n": [1, {"phone": "5550199"}]}',
            "⟨email:1⟩",
            "⟨phone:",
            "⟩",
            "%40",
            "=",
            '"',
            ", ",
        ]
    )
    | st.text(max_size=6),
    max_size=7,
).map("".join)


@given(st.dictionaries(st.text(max_size=4) | st.just("email"), TEXTS, max_size=3))
def test_what_is_redacted_stays_as_it_is(body: dict[str, JsonValue]) -> None:
    """Redacting again changes nothing: placeholders of the task are left."""
    placeholders = hidden()
    once = redact(body, placeholders)

    assert once == redact(dict(once), placeholders)


@pytest.mark.parametrize("depth", [3, 1_000, 5_000])
def test_no_depth_hides_anything(depth: int) -> None:
    """Neither in JSON nor in what can't be stored."""
    deep: JsonValue = f"{EMAIL}\0"
    for _ in range(depth):
        deep = [deep]
    found = redact({"a": deep}, hidden())["a"]
    clean = storable_json(deep)
    for _ in range(depth):
        assert isinstance(found, list)
        assert isinstance(clean, list)
        [found], [clean] = found, clean

    assert "⟨email:1⟩\N{REPLACEMENT CHARACTER}" == found
    assert f"{EMAIL}\N{REPLACEMENT CHARACTER}" == clean


@pytest.mark.parametrize("times", [1, 2, 3, 4, 6])
def test_json_in_a_string_is_walked(times: int) -> None:
    """By key class while it may be; deeper, by what stands in the text."""
    text = json.dumps({"contact": {"phone": {"value": "5550199"}}, "to": EMAIL})
    for _ in range(times):
        text = json.dumps({"body": text})
    clean = redact_text(text, hidden())

    assert EMAIL not in clean
    assert times > 2 or "5550199" not in clean


def test_json_of_any_depth_in_a_string_is_searched() -> None:
    """What no parser takes is text."""
    text = "[" * 100_000 + f'"{EMAIL}"' + "]" * 100_000

    assert EMAIL not in redact_text(text, hidden())


def test_a_key_may_be_personal() -> None:
    """As in a count of messages by address."""
    assert {"⟨email:1⟩": 3} == redact({EMAIL: 3}, hidden())


@pytest.mark.parametrize(
    "key", ["contact", "phones", "phoneNumber", "caller", "mobile-no"]
)
def test_a_key_is_a_cue(key: str) -> None:
    """A bare national number is one under it."""
    found = redact({key: ["0171 5550199"]}, hidden())

    assert {key: ["⟨phone:1⟩"]} == found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("address", "10.0.0.1:9090"),
        ("cell", "cell-3"),
        ("mobile", "ios"),
        ("mail", "smtp-out"),
        ("email", "enabled"),
        ("offset", 4_111_111_111_111_111),
        ("email", None),
        ("password", False),
        ("phone", "n/a"),
        ("token_count", 17),
        ("name", "checkout"),
        ("commit", "0123456789abcdef0123456789abcdef"),
    ],
)
def test_evidence_stays(key: str, value: JsonValue) -> None:
    """Hosts, counters, flags, digests; what says that there is nothing."""
    assert {key: value} == redact({key: value}, hidden())


def test_cards_and_secrets_are_counted_and_gone() -> None:
    placeholders = hidden()
    found = redact({"note": "4111 1111 1111 1111", "password": "x"}, placeholders)

    assert {"note": "⟨card⟩", "password": "⟨secret⟩"} == found
    assert (2, []) == (placeholders.secrets_removed, placeholders.fresh)


def test_policy_decides_on_hosts_and_users() -> None:
    policy = Policy(redact_ip=True, redact_user_id=True)
    placeholders = Placeholders(key=b"task", policy=policy)
    found = redact({"client_ip": "192.0.2.7", "user_id": 8812}, placeholders)

    assert {"client_ip": "⟨ip:1⟩", "user_id": "⟨user_id:1⟩"} == found


def test_a_long_line_is_read_to_its_end() -> None:
    """Ten megabytes, and the value in the last bytes."""
    text = "x " * 5_000_000 + EMAIL

    assert redact_text(text, hidden()).endswith("x ⟨email:1⟩")


def work(text: str) -> int:
    """Count the calls that a search makes, built-in ones too."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        redact_text(text, hidden())
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "unit", ["a@", "1", "(", "[", "{", "+", "a.", "-", '"', " ", "QUJD", "1 ", "A, "]
)
def test_twice_the_text_is_at_most_twice_the_work(unit: str) -> None:
    """Hostile lines; the time itself is the report's."""
    work("warm up: " + EMAIL)
    size = 20_000 // len(unit)
    once, twice = work(unit * size), work(unit * size * 2)

    assert twice <= 2.2 * once + 100
