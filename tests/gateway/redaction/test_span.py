"""What is taken stays whole, and nothing found overlaps it."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.span import Taken

STRETCH = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
    lambda pair: (min(pair), max(pair))
)


def test_only_free_stretches_are_taken() -> None:
    """Of two that overlap the first counts, and what was taken before counts first."""
    taken = Taken()
    taken.add([(5, 8)])

    assert [(0, 3), (8, 9)] == taken.add([(8, 9), (7, 10), (0, 3), (2, 4)])


def test_the_free_parts_of_a_stretch() -> None:
    taken = Taken()
    taken.add([(2, 4), (6, 8)])

    assert [(0, 2), (4, 6), (8, 9)] == list(taken.free_parts(0, 9))
    assert [] == list(taken.free_parts(2, 4))


@given(st.lists(STRETCH, max_size=12), STRETCH)
def test_free_parts_and_is_free_agree(
    stretches: list[tuple[int, int]], one: tuple[int, int]
) -> None:
    """A stretch is free if it is its own only free part."""
    taken = Taken()
    for stretch in stretches:
        taken.add([stretch])

    start, end = one
    if start < end:
        assert taken.is_free(start, end) == (
            [one] == list(taken.free_parts(start, end))
        )


def test_what_was_taken_leaves_nothing_empty() -> None:
    taken = Taken()
    assert taken.is_empty()

    taken.add([(0, 1)])

    assert not taken.is_empty()
