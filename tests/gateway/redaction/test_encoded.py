"""Views: decoded once, and mapped back."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.encoded import base64_values, dressed, views


@pytest.mark.parametrize(
    ("text", "decoded", "source"),
    [
        ("x=a%40b.de&y", "a@b.de", "a%40b.de"),
        (r"x a\u0040b.de y", "a@b.de", r"a\u0040b.de"),
        (r"x caf\u00e9 y", "café", r"caf\u00e9"),
        (r"x \ud83d\ude00! y", "😀!", r"\ud83d\ude00!"),
        (r"x b\xc3\xa9 y", "bé", r"b\xc3\xa9"),
        ("x a&#64;b.de y", "a@b.de", "a&#64;b.de"),
        ("x J%C3%BCrgen y", "Jürgen", "J%C3%BCrgen"),
    ],
)
def test_an_escape_is_decoded_and_mapped_back(
    text: str, decoded: str, source: str
) -> None:
    [view] = views(text)
    place = view.text.index(decoded)
    found = view.source(place, place + len(decoded))

    assert source == text[found[0] : found[1]]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("\x1b[36mtoken\x1b[0m=a*b", "token=a*b"),
        ("*Password:* hunter2", "Password: hunter2"),
        ("**password**: hunter2", "password: hunter2"),
        ("`password`=`hunter2`", "password=hunter2"),
    ],
)
def test_a_dressed_key_is_undressed(text: str, bare: str) -> None:
    [view] = dressed(text)
    place = bare.index("=" if "=" in bare else " ") + 1

    assert bare == view.text
    assert text.index(bare[place]) == view.source(place, place + 1)[0]


def test_what_is_dressed_without_a_key_is_left() -> None:
    assert [] == list(dressed("a *bold* word, 3 * 4, ~/x and `code`"))


def test_what_holds_no_escape_is_mapped_back_as_well() -> None:
    [view] = views("kim@example.org %20 x")

    assert (0, 15) == view.source(0, 15)


def test_it_is_decoded_once() -> None:
    """But a percent sign that was encoded again is one, in the same pass."""
    percents, escapes = views("a%2540b &#38;#64;")

    assert "a@b &#38;#64;" == percents.text
    assert "a%2540b &#64;" == escapes.text


def test_lines_without_escapes_are_not_decoded() -> None:
    text = "\n".join(["plain"] * 200 + ["a%20b"] + ["plain"] * 200)
    [view] = views(text)

    assert len(view.text) < 500


@given(st.text(max_size=30), st.text(min_size=1, max_size=10), st.text(max_size=30))
def test_any_stretch_is_mapped_back(left: str, value: str, right: str) -> None:
    """What stands in a view is found again where its encoded form stands."""
    text = f"{quote(left)} {quote(value, safe='')}%21 {quote(right)}"
    decoded = "".join(view.text for view in views(text))
    if decoded.count(value + "!") != 1 or "\n" in decoded:
        return
    [view] = views(text)
    place = view.text.index(value + "!")
    found = view.source(place, place + len(value) + 1)

    assert f"{quote(value, safe='')}%21" == text[found[0] : found[1]]


def test_an_escaped_quote_alone_is_no_reason_to_look() -> None:
    """Every rule knows it; a letter or a line end that is escaped is another matter."""
    assert [] == list(views(r'{"a":"{\"b\":1}"}'))
    assert [] != list(views(r'{"a":"{\"b\":1}\n"}'))


def test_base64_of_text_is_found() -> None:
    text = "payload=a2ltQGV4YW1wbGUub3JnIHdyb3Rl; n"
    [(start, end, decoded)] = base64_values(text)

    assert "kim@example.org wrote" == decoded
    assert "a2ltQGV4YW1wbGUub3JnIHdyb3Rl" == text[start:end]


@pytest.mark.parametrize(
    "text", ["checkout-service-deployment", "KubePodCrashLoopingNow", "/srv/App/Main"]
)
def test_names_are_no_base64(text: str) -> None:
    assert [] == list(base64_values(text))
