"""There and back: people's values in any text, in JSON, in JSON in a string."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.redaction.checksum import is_luhn
from gateway.redaction.find import find
from gateway.redaction.placeholder import FORM
from gateway.redaction.redact import Placeholders, redact, redact_text
from gateway.redaction.rehydrate import MisplacedPlaceholder, rehydrate
from gateway.redaction.span import Policy
from gateway.redaction.walked import find_walked

POLICY = Policy()
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
NAMES = st.sampled_from(["Elm", "Harbour", "Kirchner", "Rosen", "Mill", "Quinn"])
ENDS = st.sampled_from(["org", "example.com", "co.uk", "de"])
EMAILS = st.builds(
    "{}.{}{}@{}.{}".format, WORDS, WORDS, st.integers(0, 99), WORDS, ENDS
) | st.sampled_from(["kim@example.org", "Kim@example.org", "KIM@Example.org"])
PHONES = st.one_of(
    st.integers(79_460_000, 79_460_999).map("+4420{}".format),
    st.integers(79_461_000, 79_461_999).map("+44 20 {}".format),
    st.sampled_from(["+442079461000", "+44 20 7946 1000", "+44-20-7946-1000"]),
    st.integers(1_000, 9_999).map("+1 (201) 555-{}".format),
    st.integers(79_462_000, 79_462_999).map("call 020 {}".format),
)
ADDRESSES = st.builds(
    "{} {} {}, {} {}, {}".format,
    st.integers(1, 199),
    NAMES,
    st.sampled_from(["Street", "Road", "Lane", "Avenue"]),
    st.sampled_from(["Bristol", "Leeds", "Norwich"]),
    st.sampled_from(["BS1 9ZZ", "LS2 7AB", "NR3 1QQ"]),
    st.sampled_from(["United Kingdom", "UK", "England"]),
)
CARDS = st.integers(10**10, 10**11 - 1).map(
    lambda digits: next(
        one for check in range(10) if is_luhn(one := f"4539{digits}{check}")
    )
)
ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0⟨⟩"), max_size=12
)
SIGNS = st.sampled_from(['"', "\\", "\n", "{", "[", '{"', "}", ": ", ", ", "'", "\t"])
OTHERS = st.sampled_from(
    ["2031-04-05T06:07:08Z", "10.0.0.1", "build 0123456789abcdef", "state: ok", "n=1"]
)
EVIDENCE = st.sampled_from(
    [
        "2031-04-05T06:07:08.123Z",
        "05/Apr/2031:06:07:08 +0000",
        "9f3c1b2a-0d4e-4f5a-8b6c-7d8e9f0a1b2c",
        "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
        "arn:aws:iam::123456789012:role/deployer",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "1761234567.123459",
        "1761234567123",
        "4539578763621486123",
        "192.0.2.17:8443",
        "1.22.333-rc.1",
    ]
)
REVERSIBLE = EMAILS | PHONES | ADDRESSES
TEXTS = st.lists(
    REVERSIBLE.map(" {} ".format) | ANY_TEXT | SIGNS | OTHERS, max_size=7
).map("".join)
FORMS = st.sampled_from(["{}", "2031-04-05 INFO body={} ok", "{} {}", "x [1] {}\n{}"])
BODIES = st.dictionaries(
    st.sampled_from(["note", "email", "phone", "to", "x"]), TEXTS, max_size=3
)


def known(placeholders: Placeholders) -> dict[str, str]:
    return {placeholder: value for placeholder, _, _, value in placeholders.fresh}


def there_and_back(text: str, *, may_refuse: bool = False) -> tuple[str, str]:
    """
    Give what redaction makes of a text, and what comes back of that.

    ``may_refuse``: the text may be nearly JSON. Then a value that could break out of
    what stands around it is refused by name, and no other one is.
    """
    placeholders = Placeholders(key=b"k")
    clean = redact_text(text, placeholders)
    again = redact_text(clean, placeholders)

    assert clean == again
    try:
        return clean, str(rehydrate(clean, known(placeholders)))
    except MisplacedPlaceholder as exc:
        refused = FORM.search(str(exc))
        assert may_refuse
        assert refused is not None
        has_no_quotes = re.search(rf'"\s*:\s*{refused[0]}', clean) is not None
        value = known(placeholders)[refused[0]]
        assert has_no_quotes or any(sign in value for sign in "\"'\\\n")
        return clean, text


def is_reversible(clean: str) -> bool:
    return "⟨secret⟩" not in clean and "⟨card⟩" not in clean


@settings(max_examples=400)
@given(TEXTS)
def test_a_text_comes_back_to_the_letter(text: str) -> None:
    """Whatever stands around the values; redacting again changes nothing."""
    clean, back = there_and_back(text, may_refuse=True)

    assert not is_reversible(clean) or text == back


@settings(max_examples=300)
@given(BODIES)
def test_json_comes_back(body: dict[str, JsonValue]) -> None:
    placeholders = Placeholders(key=b"k")
    clean = redact(body, placeholders)

    assert clean == redact(dict(clean), placeholders)
    if is_reversible(str(clean)):
        assert body == rehydrate(dict(clean), known(placeholders))


@settings(max_examples=400)
@given(BODIES, st.integers(0, 2), FORMS)
def test_json_in_a_string_comes_back(
    body: dict[str, str], times: int, form: str
) -> None:
    """In a string of a string, and behind a log's prefix."""
    text = json.dumps(body, ensure_ascii=False)
    for _ in range(times):
        text = json.dumps({"log": text}, ensure_ascii=False)
    text = form.format(*[text] * form.count("{}"))
    clean, back = there_and_back(text)

    assert not is_reversible(clean) or text == back


@settings(max_examples=300)
@given(TEXTS, BODIES, FORMS)
def test_spans_do_not_overlap(text: str, body: dict[str, str], form: str) -> None:
    """In a text, and in one that holds JSON."""
    one = json.dumps(body, ensure_ascii=False)
    both = f"{text} {form.format(*[one] * form.count('{}'))}"
    for spans in (find(both, policy=POLICY), find_walked(both, POLICY).spans):
        assert all(one.end <= after.start for one, after in pairwise(spans))
        assert all(0 <= one.start < one.end <= len(both) for one in spans)


@settings(max_examples=400)
@given(
    st.lists(st.tuples(EVIDENCE, REVERSIBLE | WORDS), min_size=1, max_size=5),
    # digits that a blank alone parts are one number as often as two
    st.sampled_from([" then ", "\n", " | ", "; ", " [x] "]),
)
def test_no_span_crosses_a_shield(pieces: list[tuple[str, str]], between: str) -> None:
    """Evidence stands beside people, and stays to the letter."""
    text = between.join(one for piece in pieces for one in piece)
    clean = redact_text(text, Placeholders(key=b"k"))
    spans = find(text, policy=POLICY)
    place = 0
    for evidence, _ in pieces:
        start = text.index(evidence, place)
        place = start + len(evidence)
        assert not any(one.start < place and start < one.end for one in spans)
    for evidence, _ in pieces:
        assert text.count(evidence) == clean.count(evidence)


@given(REVERSIBLE, CARDS, st.lists(ANY_TEXT, min_size=2, max_size=2))
def test_cards_go_for_good_and_what_is_beside_them_comes_back(
    value: str, card: str, around: list[str]
) -> None:
    before, behind = around
    clean, back = there_and_back(f"{before} {value} paid with {card} {behind}")

    assert card not in clean
    if clean.count("⟨card⟩") == 1:
        assert back == f"{before} {value} paid with ⟨card⟩ {behind}"


@pytest.mark.parametrize("value", ["kim@example.org", "+442079460018"])
def test_each_is_taken_at_all(value: str) -> None:
    """Else nothing above could fail."""
    for text in (value, json.dumps({"a": value}), json.dumps(json.dumps([value]))):
        assert value not in there_and_back(text)[0]
