"""Answers of systems that make no sense are read failures, and no crash."""

from collections.abc import Awaitable
from typing import TypeVar

from pydantic import ValidationError

from gateway.ports import Unreadable

Answer = TypeVar("Answer")


async def sane(asked: Awaitable[Answer]) -> Answer:
    """
    Give what a tool makes of its system's answer.

    Raises:
        Unreadable: it makes no sense (an instant past year 9999, a bound overstepped);
            its values stay out of the words.
    """
    try:
        return await asked
    except ValueError as exc:
        raise Unreadable(say_senseless(exc)) from exc


def say_senseless(trouble: ValueError) -> str:
    """Name the first field that does not fit, and what it would have to be."""
    if not isinstance(trouble, ValidationError):
        return f"its answer makes no sense ({type(trouble).__name__})"
    first = trouble.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    return f"its answer makes no sense: {place}: {first['msg']}"
