"""Counting: coverage, intervals, harm; and that the report skips without data."""

import pytest

from bench.redaction_corpus import Row, Stretch
from bench.redaction_recall import harm, is_covered, tally, total, wilson
from gateway.redaction.span import Kind, Span

TEXT = "call +44 20, kim@b.de now"
PHONE, EMAIL = Stretch(5, 11, "PHONE"), Stretch(13, 21, "EMAIL")


def row(*spans: Stretch, keep: tuple[Stretch, ...] = ()) -> Row:
    return Row(TEXT, "tier", "origin", spans, keep)


def test_signs_between_need_not_be_covered() -> None:
    """Letters and digits do, each of them, by one span or several."""
    parts = [Span(6, 8, Kind.PHONE), Span(9, 11, Kind.PHONE)]

    assert is_covered(TEXT, PHONE, parts)
    assert not is_covered(TEXT, PHONE, parts[:1])


def test_a_row_counts_if_all_of_it_is_found() -> None:
    """As its type only if the type is right too."""
    found = [Span(5, 11, Kind.PHONE), Span(13, 21, Kind.SECRET)]
    tallies = tally(
        [row(PHONE), row(EMAIL), row(Stretch(0, 4, "NAME"))], lambda _: found
    )

    assert (3, 2, 1) == (
        tallies["tier"].rows,
        tallies["tier"].found,
        tallies["tier"].typed,
    )
    assert {"origin": 1} == dict(tallies["tier"].missed)
    assert 6 == total([tallies["tier"], tallies["tier"]]).rows


def test_harm_counts_what_is_outside_of_true_spans() -> None:
    found = [Span(5, 12, Kind.PHONE), Span(22, 25, Kind.ADDRESS)]
    keep = (Stretch(24, 25, "id"), Stretch(0, 4, "id"))
    done = harm([row(PHONE, keep=keep)], lambda _: found)

    assert (4, 2, 1) == (done.wrong, done.kept, done.damaged)
    assert {"PHONE": 1, "ADDRESS": 3} == dict(done.by_kind)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (10, 10, 0.722, 1.0),
        (0, 10, 0.0, 0.278),
        (5, 10, 0.237, 0.763),
    ],
)
def test_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    """Known values, to three places."""
    assert (low, high) == pytest.approx(wilson(hits, of), abs=5e-4)
