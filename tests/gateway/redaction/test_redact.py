"""Redaction: canaries in every place that a connector's answer may hold them."""

import json
import re
import sys
from base64 import b64encode, encodebytes, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.redact import (
    Placeholders,
    redact,
    redact_text,
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
        ("phone", 15_551_234_567.0, "phone"),
        ("ssn", 123_456_789, "national_id"),
        ("ssn", 123_456_789.0, "national_id"),
    ],
)
def test_a_personal_key_hides_its_value(key: str, value: object, kind: str) -> None:
    """Keys say what a value is, before any pattern does."""
    found = redact({"users": [{key: value}]}, hidden())  # type: ignore[dict-item]

    assert {"users": [{key: f"⟨{kind}:1⟩"}]} == found


def test_one_value_has_one_placeholder() -> None:
    """Blanks aside, an address is the same wherever it stands; its case is told."""
    found = redact({"a": f"{EMAIL} {EMAIL.upper()}", "email": f" {EMAIL} "}, hidden())

    assert {"a": "⟨email:1⟩ ⟨email:1-2⟩", "email": " ⟨email:1⟩ "} == found


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


# What detectors look for, and the signs at which they begin, end and look around.
PIECES = [
    *(EMAIL, "+44 20 7946 0018", "020 7946 0018", "5550199", "4711", "ext "),
    *("Lindenallee 7, 20457 Hamburg", "12 Elm Row", "Bristol BS1 9ZZ", "France"),
    *("password=hunter2hunter2", "xoxb-1234567890-abcdefghij", "Bearer ", "a1" * 10),
    *("4111 1111 1111 1111", "ssn 219-09-9999", "10.0.0.1", "2031-04-05T06:07:08Z"),
    *("deadbeef1234", "-----BEGIN RSA PRIVATE KEY-----", "-----END", "YW5uQGIuY28="),
    *("phone", "email=", "api_key: ", "token:", "dob=", "address: ", "to=", "call "),
    *("customer ", "ship to ", "tel:", "https://", "u:p@h", "x", "E", "1", "00", "路"),
    *("⟨email:1⟩", "⟨phone:", "⟨", "⟩", "%40", "%20", "\\n", "\\u0040", "&#64;"),
    *('{"email": "x@y.zz", "n": [1, {"phone": "5550199"}]}', "\0", "\ud800", "\u00a0"),
    *(
        " ",
        ", ",
        "\n",
        ":",
        "=",
        '"',
        "'",
        "\\",
        "/",
        "-",
        "+",
        ".",
        "_",
        "@",
        "#",
        "*",
    ),
    *("(", ")", "{", "}", "[", "]", "<", ">", "|", ";", "&", "?"),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=9).map("".join)
KEYS = st.text(max_size=4) | st.sampled_from(
    ["email", "phone", "mobile", "address", "first_name", "dob", "card", "token", "to"]
)


@settings(max_examples=400)
@given(st.dictionaries(KEYS, TEXTS, max_size=2))
@example({"": "0018api_key: 2031-04-05T06:07:08Z +442079460018api_key: 1718880850="})
@example({"": "x-----BEGIN RSA PRIVATE KEY-----E020 7946 0018api_key: 2031-04-05"})
@example({"mobile": f"0171 {EMAIL}", "dob": f"a]{EMAIL}https://"})
@example({"mobile": "0171.password=hunter2hunter2_", "dob": " to=sk-" + "a" * 24})
@example({"address": "/Bearer abcdefghijklmnopqrstuvwxyz1"})
@example({"address": "YW5uQGV4YW1wbGUub3Jnat xhttps://E00e12"})
def test_what_is_redacted_stays_as_it_is(body: dict[str, JsonValue]) -> None:
    """Redacting again changes nothing, as JSON or as its texts one by one."""
    placeholders = hidden()
    once = redact(body, placeholders)
    texts = [redact_text(str(one), placeholders) for one in body.values()]

    assert once == redact(dict(once), placeholders)
    assert texts == [redact_text(one, placeholders) for one in texts]


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


MAIL_BYTES = EMAIL.encode()
ENCODED = {
    "percent": quote(EMAIL, safe=""),
    "percent, each sign": "".join(f"%{byte:02x}" for byte in MAIL_BYTES),
    "percent, twice": quote(quote(EMAIL, safe=""), safe=""),
    "percent, thrice": quote(quote(quote(EMAIL, safe=""), safe=""), safe=""),
    "JSON's escapes": "".join(f"\\u{byte:04x}" for byte in MAIL_BYTES),
    "bytes": "".join(f"\\x{byte:02x}" for byte in MAIL_BYTES),
    "HTML's": "".join(f"&#{byte};" for byte in MAIL_BYTES),
    "Base64": b64encode(MAIL_BYTES).decode(),
    "Base64 for URLs": urlsafe_b64encode(b"??>>~~ " + MAIL_BYTES).decode(),
    "Base64 of UTF-16": b64encode(EMAIL.encode("utf-16-le")).decode(),
    "Base64 of UTF-16, the other way": b64encode(EMAIL.encode("utf-16-be")).decode(),
    "Base64 of Latin-1": b64encode(b"f\xfcr " + MAIL_BYTES).decode(),
    "Base64 in lines": encodebytes(b"to whom it may concern: " * 3 + MAIL_BYTES)
    .decode()
    .strip(),
    "Base64 of a megabyte": b64encode(b"x " * 400_000 + MAIL_BYTES).decode(),
    "Base64 of JSON": b64encode(json.dumps({"to": EMAIL}).encode()).decode(),
    "Base64 in a query": quote(b64encode(MAIL_BYTES).decode(), safe=""),
}


@pytest.mark.parametrize("name", ENCODED)
@pytest.mark.parametrize("form", ["{}", "to {} now", '{{"v": "{}"}}', "?d={}&n=1"])
def test_what_is_encoded_is_gone_whole(name: str, form: str) -> None:
    """No piece of the encoded value is left, but for signs of padding."""
    left, _, right = form.format("\0").partition("\0")
    clean = redact_text(form.format(ENCODED[name]), hidden())
    rest = clean.removeprefix(left).removesuffix(right)

    assert re.fullmatch(r"⟨email:1⟩(?:=|%3D)*", rest)


@pytest.mark.parametrize(
    "body",
    [
        {f"\ud800{EMAIL}": 1},
        {"a": [f"{EMAIL}\udfff"]},
        {"a": f'{{"b": "\ud83d {EMAIL}"}}'},
        {"a": f"\0{EMAIL}\0"},
    ],
)
def test_half_a_surrogate_hides_nothing(body: dict[str, JsonValue]) -> None:
    """In keys, in texts, in JSON in a text; what is left can be stored."""
    clean = json.dumps(redact(body, hidden()), ensure_ascii=False)

    assert EMAIL not in clean
    assert clean == clean.encode().decode()


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
        ("pass", 12),
        ("pass", 98.25),
        ("pass", 99999),
        ("secrets", 3),
        ("passwords", "12"),
        ("usage", {"tokens": 123456, "prompt_tokens": 7}),
        ("usage.tokens", "1234"),
        ("note", "usage.tokens=123456 pass=99999 secrets=3"),
        ("addresses", [{"type": "InternalIP", "address": "10.0.0.3"}]),
        ("addresses", [{"type": "Hostname", "address": "node-1"}]),
        ("mobile", 0.8512345678),
        ("mobile", 1234.0),
        ("at", 1_712_345_678_123.0),
        ("name", "checkout"),
        ("session", "evening"),
        ("sid", 17),
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
    "unit",
    [
        *("a@", "1", "(", "[", "{", "+", "a.", "-", '"', " ", "QUJD", "1 ", "A, "),
        *("mail=", "dob=", "token:", "password=", "sk-", "%41", "cookie: "),
        *("password=a&", "<password>", "secret:\n  ", "password: |\n a\n", "mysql -u "),
        *(
            "name: pass value: ",
            "pwd=/",
            "-eyJ",
            "https://a1@",
            'cookie:a="',
            "{\n",
            '["\\n",\n',
        ),
        *('{"', '{"phone": ', '{"a\\', '"{\\"', '[{"', 'phone={"x":', '{"a":"b\\x'),
    ],
)
def test_twice_the_text_is_at_most_twice_the_work(unit: str) -> None:
    """Hostile lines; the time itself is the report's."""
    work("warm up: " + EMAIL)
    size = 20_000 // len(unit)
    once, twice = work(unit * size), work(unit * size * 2)

    assert twice <= 2.2 * once + 100


def test_what_has_no_letter_is_no_address() -> None:
    """It would be one only once what stands before it is replaced."""
    placeholders = Placeholders(key=b"k")
    text = "address: 12 Elm Street, Springfield, IL 62704, &, &, "
    once = redact_text(text, placeholders)

    assert once == redact_text(once, placeholders)
