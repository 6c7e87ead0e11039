"""One text for one value, so that a digest means something."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from policy.alert import Severity
from policy.decision import Level
from storage.canonical import canonical, digest, plain

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | WORDS
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4)
    ),
    max_leaves=12,
)


@dataclass(frozen=True)
class Point:
    x: int
    names: tuple[str, ...]


@given(VALUES)
def test_what_was_stored_has_the_same_digest(value: object) -> None:
    """A value read back from its own text is the same value."""
    assert digest(value) == digest(json.loads(canonical(value)))


@given(st.dictionaries(WORDS, LEAVES, max_size=6))
def test_the_order_of_keys_is_nothing(value: dict[str, object]) -> None:
    """A mapping made in another order has the same text."""
    assert canonical(value) == canonical(dict(reversed(value.items())))


@given(st.lists(st.integers(0, 10**6) | WORDS, unique=True, max_size=8))
def test_the_order_of_a_set_is_nothing(values: list[object]) -> None:
    """A set's text does not depend on how the set was built."""
    assert canonical(frozenset(values)) == canonical(frozenset(reversed(values)))


def test_sets_that_collide_have_one_text() -> None:
    """Two equal sets that Python walks in different orders have one text."""
    assert canonical({0, 8}) == canonical({8, 0})


@given(VALUES, VALUES)
def test_different_texts_have_different_digests(first: object, second: object) -> None:
    """Digests agree exactly where texts do."""
    same = canonical(first) == canonical(second)

    assert same == (digest(first) == digest(second))


def test_a_digest_is_sha256_of_the_text() -> None:
    """The digest can be checked with any tool."""
    assert sha256(b'{"a":1}').hexdigest() == digest({"a": 1})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (datetime(2026, 1, 1, tzinfo=UTC), '"2026-01-01 00:00:00+00:00"'),
        (Severity.error, '"error"'),
        (Level.L2, "2"),
        (Point(1, ("a",)), '{"names":["a"],"x":1}'),
        ({1: "a"}, '{"1":"a"}'),
        (1.0, "1"),
    ],
)
def test_house_values_have_a_text(value: object, text: str) -> None:
    """Ids, instants, words, records: each has its one form."""
    assert text == canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1])
def test_what_json_can_not_say_is_refused(value: float) -> None:
    """No digest is made of what another reader would read differently."""
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"value": value})


def test_plain_leaves_nothing_but_json() -> None:
    """Nested values of ours become JSON's own."""
    assert {"at": [{"x": 1, "names": ["a"]}]} == plain({"at": (Point(1, ("a",)),)})
