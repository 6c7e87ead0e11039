"""A shortened text fits, says how much is gone, and has nothing in two."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbound.shorten import shorten

_TAIL = re.compile(r" ?… \(([\d,]+) more\)$")
PIECES = st.sampled_from(
    [
        *("word ", "&amp;", "&lt;", "&gt;", "`code span`", "```fence\nof lines```"),
        *("<https://example.org/a|a link>", "<@U0OPERATOR>", "<!date^1^{time}|x>"),
        *("👩‍🚒", "🇨🇭", "👍🏽", "e\u0301", ":rotating_light:", "*bold* ", "\n", "漢字"),
    ]
)


def left_of(text: str) -> int:
    found = _TAIL.search(text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_what_fits_stays_as_it_is() -> None:
    assert "a" * 20 == shorten("a" * 20, 20, mrkdwn=True)


def test_what_is_cut_off_is_counted() -> None:
    """The kept part and the number make the whole."""
    assert "a" * 19 + " … (81 more)" == shorten("a" * 100, 32, mrkdwn=True)


@given(st.lists(PIECES, max_size=60), st.integers(13, 120))
def test_nothing_is_cut_in_two(pieces: list[str], most: int) -> None:
    """Every piece is there whole or not at all, and the signs that lack are counted."""
    text = "".join(pieces)
    short = shorten(text, most, mrkdwn=True)

    assert len(short) <= most
    if short != text:
        kept = _TAIL.sub("", short)
        whole = ["".join(pieces[:n]) for n in range(len(pieces) + 1)]
        inside = [one for one in whole if kept.startswith(one.rstrip())][-1].rstrip()
        assert text.startswith(kept)
        assert len(text) - len(kept) == left_of(short)
        # What is kept of the next piece is a part of a bare word.
        assert re.fullmatch(r"[\w* \n]*", kept[len(inside) :])


@given(st.text(alphabet="🇨🇭👩‍🚒e\u0301a\ud83d\ude00", max_size=80), st.integers(0, 40))
def test_no_sign_is_cut_in_two(text: str, most: int) -> None:
    """Neither a surrogate pair nor what is joined; whatever the room."""
    short = shorten(text, most, mrkdwn=False)

    assert len(short) <= most
    kept = _TAIL.sub("", short)
    if short != text and kept and kept != "…":
        after = text[len(kept)]
        assert not (kept[-1] == "\ud83d" and after == "\ude00")
        assert after not in "\u0301\u200d"
        assert kept[-1] != "\u200d"


@pytest.mark.parametrize("mrkdwn", [True, False])
def test_a_plain_text_has_no_spans(mrkdwn: bool) -> None:  # noqa: FBT001
    """In plain text an ampersand and an angle are themselves."""
    text = "a & <b" + "b" * 40 + ">"
    short = shorten(text, 24, mrkdwn=mrkdwn)

    assert ("<" in short) is not mrkdwn
