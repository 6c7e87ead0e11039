"""Statements compiled once in a session, not once for each engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


@contextmanager
def compiled_once() -> Iterator[None]:
    """
    Let all engines use what one has compiled.

    Each test opens engines of its own, and would compile all that it says. They speak
    to one server through one driver, so that one's words are another's.
    """
    compiled: dict[object, object] = {}

    def make(url: object, **settings: Any) -> AsyncEngine:
        options = {**settings.pop("execution_options", {}), "compiled_cache": compiled}
        return create_async_engine(url, execution_options=options, **settings)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.database.create_async_engine", make)
        patch.setattr(PGDialectAsync_psycopg, "__eq__", _is_of_one_kind)
        patch.setattr(PGDialectAsync_psycopg, "__hash__", lambda one: hash(type(one)))
        yield


def _is_of_one_kind(one: object, other: object) -> bool:
    return type(one) is type(other)
