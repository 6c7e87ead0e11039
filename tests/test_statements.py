"""What all engines of a session share."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg

from storage.steps import Step
from tests.conftest import Databases


async def test_a_second_engine_compiles_nothing_anew(
    database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it need to have met the statement before."""
    statement = text("SELECT :asked AS answered")
    async with database.fresh("web").dispatch(Step.look) as tx:
        first = await tx.row(statement, {"asked": 1})
    monkeypatch.setattr(PGCompiler_psycopg, "visit_textclause", None)
    async with database.fresh("web").dispatch(Step.look) as tx:
        second = await tx.row(statement, {"asked": 2})

    assert ({"answered": 1}, {"answered": 2}) == (first, second)
