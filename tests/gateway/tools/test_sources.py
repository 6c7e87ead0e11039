"""Sources that are not there, or do not answer, are named."""

import pytest

from gateway.ports import NotConfigured, Refused, Unreadable
from gateway.tools.sources import Sources


async def answer(error: Exception | None = None) -> int:
    if error is not None:
        raise error
    return 7


async def test_an_answer_is_given() -> None:
    """And nothing is missing."""
    sources = Sources()

    assert (7, []) == (await sources.ask("x", answer()), sources.missing)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotConfigured("no"), "x: no connector serves it here"),
        (Unreadable("HTTP 404"), "x: HTTP 404"),
    ],
)
async def test_no_answer_is_a_line(error: Exception, line: str) -> None:
    """With the reason."""
    sources = Sources()

    assert None is await sources.ask("x", answer(error))
    assert [line] == sources.missing


async def test_another_failure_is_no_missing_source() -> None:
    """It goes on."""
    with pytest.raises(Refused):
        await Sources().ask("x", answer(Refused("no")))


def test_a_part_that_is_odd_is_a_line() -> None:
    """The rest of the answer stands."""
    sources = Sources()

    def odd(_part: int) -> str:
        raise Unreadable("lag: Input should be greater than or equal to 0")

    assert None is sources.take("consumers", 1, odd)
    assert "7" == sources.take("x", 7, str)
    assert None is sources.take("y", None, str)
    assert ["consumers: lag: Input should be greater than or equal to 0"] == (
        sources.missing
    )
