"""Keys and cues, as logs and people write them."""

import re
import time

import pytest

from gateway.redaction.cue import (
    PHONE_CUE_ADJACENT,
    begins_adjacent_cue,
    is_measure,
    is_phone_key,
    key_before,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a phone=1", "phone"),
        ('{"phone": "1', "phone"),
        ('{\\"phone\\":\\"1', "phone"),
        ("user.mobile-no => 1", "user.mobile-no"),
        ("phone 1", None),
        ("phone\\\\\\' => \\\\\\'1", "phone"),
        (f"{'x' * 40}y=1", "x" * 39 + "y"),
        ("9.9-a_1=1", "a_1"),
        ("99=1", None),
        ("=1", None),
    ],
)
def test_the_key_before_a_value(text: str, key: str | None) -> None:
    assert key == key_before(text, len(text) - 1)


@pytest.mark.parametrize("key", ["offset", "size_bytes", "durationMs", "trace_id"])
def test_measures_are_no_phones(key: str) -> None:
    assert is_measure(key)
    assert not is_phone_key(key)


@pytest.mark.parametrize("cue", ["call me on ", "Tel.: ", "phone no. ", "otp sent to "])
def test_a_cue_stands_right_before(cue: str) -> None:
    assert PHONE_CUE_ADJACENT.search(cue)
    assert PHONE_CUE_ADJACENT.search(f"{cue}bananas ") is None


@pytest.mark.parametrize(
    "cue",
    [
        "ph. ",
        "Ph: ",
        "contact no. ",
        "contact number ",
        "reachable at ",
        "tél. ",
        "caller ",
        "phoned from ",
        "Phone number on file: ",
        "phone #",
    ],
)
def test_a_cue_as_people_write_it(cue: str) -> None:
    """Each begins with a word that the prefilter knows, if it is of ASCII."""
    words = re.findall("[a-z]{2,}", cue.lower())

    assert PHONE_CUE_ADJACENT.search(cue)
    assert not cue.isascii() or any(map(begins_adjacent_cue, words))


@pytest.mark.parametrize("part", ["=", "no ", "nr", ": ", "on file "])
def test_a_cue_that_goes_on_and_on_is_read_once(part: str) -> None:
    """A second would be eternity: ways to read it must not multiply."""
    begun = time.process_time()

    assert PHONE_CUE_ADJACENT.search(f"phone{part * 60}x") is None
    assert time.process_time() - begun < 1
