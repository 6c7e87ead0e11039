"""Segments: an argument can't leave its place."""

import pytest

from gateway.connectors.paths import NoSegment, segment
from gateway.ports import NothingSent, Unreadable


def test_a_segment_holds_no_slash() -> None:
    assert "GET%20%2Ffeed%3Fa%3Db" == segment("GET /feed?a=b")
    assert "..%2F..%2Fadmin" == segment("../../admin")


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_what_would_be_another_path_is_refused(text: str) -> None:
    """For a read and for a write alike: nothing was sent."""
    with pytest.raises(NoSegment, match="no part of a path") as caught:
        segment(text)
    assert isinstance(caught.value, NothingSent)
    assert isinstance(caught.value, Unreadable)
