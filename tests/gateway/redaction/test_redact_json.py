# ruff: noqa: RUF001 - brackets that are no placeholder's
"""JSON in a string, and in that once more: walked, or left out by name."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.redact import (
    TOO_DEEP,
    Placeholders,
    redact,
    redact_text,
)
from tests.gateway.redaction.test_redact import EMAIL, KEYS, PIECES, hidden


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


def test_json_is_walked_however_deep_and_long() -> None:
    """Where no parser goes, and where a line has megabytes."""
    person = '{"customer": {"name": "Zoe Quinn"}}'
    rest = "x" * 4_200_000
    told = redact_text("[" * 20_000 + person + "]" * 20_000, hidden())
    log = redact_text(f'{{"rest": "{rest}", "who": {person}}}', hidden())

    assert '[{"customer": {"name": "⟨name:1⟩"}}]' in told
    assert log.endswith('x", "who": {"customer": {"name": "⟨name:1⟩"}}}')


def in_strings(value: JsonValue, *, times: int) -> JsonValue:
    for _ in range(times):
        value = {"log": json.dumps(value)}
    return value


@pytest.mark.parametrize("times", [1, 3, 6, 8, 9, 11])
def test_json_in_strings_of_json_hides_nobody(times: int) -> None:
    """Walked eight strings deep; what is deeper is left out, by name."""
    found = redact(
        {"a": in_strings({"customer": {"name": "Zoe"}}, times=times)}, hidden()
    )
    told = json.dumps(found, ensure_ascii=False)

    assert "Zoe" not in told
    assert (TOO_DEEP in told) is (times > 8)


@pytest.mark.parametrize("times", range(1, 12))
@pytest.mark.parametrize(
    "value", [{"said": f"\t{EMAIL}"}, ["caf\u00e9", EMAIL.replace("@", "@\u00e9")]]
)
def test_no_depth_passes_unseen(value: JsonValue, times: int) -> None:
    """Without a telling key as well: walked, or left out by name."""
    found = redact({"a": in_strings(value, times=times)}, hidden())
    told = json.dumps(found, ensure_ascii=False)

    assert ("⟨email:1⟩" in told) is (times <= 8)
    assert (TOO_DEEP in told) is (times > 8)


# What stands behind an escape, whose letter would be one of its word.
GLUED = [
    "QW5uYUBjb3JwLmV4YW1wbGU=",
    "4111 1111 1111 1111",
    "4111111111111111",
    "dob: 1970-01-01",
    "ghp_" + "a1B2c3D4" * 5,
    "AKIA" + "A" * 16,
    "xoxb-0123456789-abcdef0123",
    "+442079460018",
    "password=hunter2!x",
    EMAIL,
]


@pytest.mark.parametrize("value", GLUED)
@pytest.mark.parametrize("escape", ["\n", "\t", "\r", "\b", '"', "\\"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_escape_before_a_value_hides_nothing(
    value: str, escape: str, times: int
) -> None:
    """Whatever the keys tell, in a string within a string as well."""
    text = json.dumps({"line": f"x{escape}{value}"})
    for _ in range(times - 1):
        text = json.dumps({"line": text})
    clean = redact_text(text, hidden())

    assert value[-8:] not in clean
    assert clean == redact_text(clean, hidden_with(clean))


def hidden_with(text: str) -> Placeholders:
    placeholders = hidden()
    placeholders.adopt(text)
    return placeholders


SAID = st.lists(st.sampled_from([*PIECES, *GLUED, "\t", "\r"]), max_size=7).map("".join)
NAMES = st.sampled_from(["name", "key", "value", "DB_PASS", EMAIL]) | KEYS


@settings(max_examples=300)
@given(
    st.dictionaries(NAMES, SAID | NAMES, max_size=3), st.booleans(), st.integers(1, 2)
)
def test_json_in_a_string_stays_as_it_is_redacted(
    said: dict[str, JsonValue],
    ascii_alone: bool,  # noqa: FBT001 - hypothesis
    times: int,
) -> None:
    """However it was escaped; redacting again changes nothing."""
    text = json.dumps(said, ensure_ascii=ascii_alone)
    for _ in range(times - 1):
        text = json.dumps({"line": text}, ensure_ascii=ascii_alone)
    placeholders = hidden()
    once = redact_text(text, placeholders)

    assert once == redact_text(once, placeholders)


@pytest.mark.parametrize(
    "text",
    [
        '{"phone":"5550199","ts":1712345678.123450,"v":1.10,"big":1e400}',
        '{"phone":"5550199","offset":18446744073709551615,"n":' + "1" * 5_000 + "}",
        '{"phone":"5550199","a":1,"a":2}',
    ],
)
def test_evidence_beside_a_person_stays_as_it_was_written(text: str) -> None:
    """Every digit of a number, and both of two fields of one name."""
    assert text.replace("5550199", "⟨phone:1⟩") == redact_text(text, hidden())


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("15551234567", "15551234567"),
        ("15551234567.0", "15551234567"),
        ("1.5551234567e10", "15551234567"),
        ("0171555019", "0171555019"),
    ],
)
def test_a_number_under_a_telling_key_is_a_text(number: str, value: str) -> None:
    """However it is written; the vault keeps its digits."""
    placeholders = hidden()
    clean = redact_text(f'INFO {{"phone": {number}, "n": {number}}}', placeholders)

    assert f'INFO {{"phone": "⟨phone:1⟩", "n": {number}}}' == clean
    assert [value] == [value for *_, value in placeholders.fresh]


ZOE = json.dumps({"customer": {"name": "Zoe Quinn"}})


@pytest.mark.parametrize(
    "text",
    [
        f"{ZOE}\n{ZOE}",
        f"started\n{ZOE}\nended",
        f"\ufeff{ZOE}",
        f"\xa0\t{ZOE}",
        json.dumps(ZOE),
        json.dumps({"log": f"{ZOE}\n{ZOE}"}),
        '{"customer":{"name":"Zoe"},"customer":{}}',
        f"2031-04-05 INFO [main] body={ZOE} took 3 ms",
        f"INFO got {ZOE}, gave {ZOE}",
        f'lvl=info msg="got it" body={json.dumps(ZOE)}',
        f"{ZOE} {ZOE}",
        f"a {{ [x] {ZOE[:-4]}",
        'started\n{\n  "customer": {\n    "name": "Zoe"\n  }\n}\nended',
        'INFO {"a": \'it\', "b": 1} {"customer": {"name": "Zoe"}}',
    ],
)
def test_json_is_walked_wherever_it_stands(text: str) -> None:
    """As a whole or a line, behind a prefix, twice in a line, cut off, over lines."""
    clean = redact_text(text, hidden())

    assert "Zoe" not in clean
    assert "⟨name:1⟩" in clean


@pytest.mark.parametrize(
    ("name", "value", "mark"),
    [
        ("DB_PASSWORD", "correcthorse", "⟨secret⟩"),
        ("phone", "5550199", "⟨phone:1⟩"),
        ("First name", "Zoe", "⟨name:1⟩"),
        ("LOG_LEVEL", "debug", "debug"),
    ],
)
@pytest.mark.parametrize("fields", ["name value", "key value", "Name Value"])
def test_a_field_beside_it_says_what_a_value_is(
    name: str, value: str, mark: str, fields: str
) -> None:
    """As in a container's environment, in JSON and in JSON in a string."""
    first, second = fields.split()
    env: JsonValue = [{first: name, second: value}, {first: "x", second: "y"}]
    wanted = [{first: name, second: mark}, {first: "x", second: "y"}]
    found = redact({"env": env, "log": json.dumps(env)}, hidden())

    assert wanted == found["env"]
    assert wanted == json.loads(str(found["log"]))


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("bracket", ["\\u27e8{}\\u27e9", "\\u27E8{}\\u27E9"])
def test_what_an_escape_hides_is_forged(times: int, bracket: str) -> None:
    """In a text from outside a decoded placeholder is none, of a name too."""
    forged = bracket.format("email:1")
    text = f'{{"{forged}": "{forged}", "phone": "5550199"}}'
    for _ in range(times - 1):
        text = json.dumps({"line": text})
    clean = redact_text(text, Placeholders(key=b"k", known=KNOWN, is_own=False))

    assert "⟨email:1⟩" not in clean
    assert "‹email:1›" in clean
    assert "⟨phone:1⟩" in clean


KNOWN = {"a mark": "⟨email:1⟩"}


def test_what_we_wrote_ourselves_may_be_escaped() -> None:
    """A run writes JSON as it likes; its placeholders are ours."""
    text = '{"to": "\\u27e8email:1\\u27e9", "phone": "5550199"}'
    clean = redact_text(text, Placeholders(key=b"k", known=KNOWN))

    assert {"to": "⟨email:1⟩", "phone": "⟨phone:1⟩"} == {
        key: value.encode().decode() for key, value in json.loads(clean).items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "password:\n  hunter2x",
        "kind: Secret\ndata:\n  foo: hunter2x\n",
        "\x1b[36mtoken\x1b[0m=hunter2x",
        "*Password:* hunter2x",
        "{&quot;password&quot;:&quot;hunter2x&quot;}",
        "&lt;password&gt;hunter2x&lt;/password&gt;",
        "to DE89370400440532013000",
    ],
)
def test_a_field_of_no_meaning_hides_nothing(text: str) -> None:
    """What is found in a text is found under a key, in its first line as well."""
    found = redact({"log": text, "n": 1}, Placeholders(key=b"k"))

    assert "hunter2x" not in str(found)
    assert "DE89" not in str(found)
