"""A masked text, and where its places were."""

from bisect import bisect_right

from gateway.redaction.masked import mask
from gateway.redaction.span import Kind, Span


def test_what_is_left_is_found_again() -> None:
    """Each sign between two placeholders has its place in the original."""
    text = "to kim@x.org, password=hunter2 now"
    spans = [Span(3, 12, Kind.EMAIL), Span(23, 30, Kind.SECRET)]
    masked, starts, shifts = mask(text, 0, len(text), spans)

    assert "to ⟨email:1⟩, password=⟨secret⟩ now" == masked
    for word in ("to", "password", "now"):
        place = masked.index(word)
        assert text.index(word) == place + shifts[bisect_right(starts, place) - 1]
