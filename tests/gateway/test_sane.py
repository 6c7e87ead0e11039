"""What a system answers, as far as it makes sense."""

import pytest
from pydantic import BaseModel, Field

from gateway.ports import Refused, Unreadable
from gateway.sane import sane


async def answering(found: int | Exception) -> int:
    if isinstance(found, Exception):
        raise found
    return found


async def test_what_makes_sense_passes() -> None:
    """So does a refusal in words of its own."""
    assert 3 == await sane(answering(3))
    with pytest.raises(Refused, match="not now"):
        await sane(answering(Refused("not now")))


async def test_what_makes_none_is_unreadable() -> None:
    """Its values stay out of what is said of it."""
    with pytest.raises(Unreadable, match=r"no sense \(ValueError\)") as caught:
        await sane(answering(ValueError("year 10000 of ann@example.org")))

    assert "ann" not in str(caught.value)


class Answered(BaseModel):
    lag: int = Field(ge=0)


async def filled(lag: int) -> Answered:
    return Answered(lag=lag)


async def test_what_does_not_fit_is_named() -> None:
    """The field and its bound; not what stood there."""
    with pytest.raises(Unreadable, match=r"no sense: lag: .* equal to 0") as caught:
        await sane(filled(-4711))

    assert "4711" not in str(caught.value)
