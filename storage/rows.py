"""
Between rows and frozen dataclasses: field by field, enums by annotation.

Statements are built once for each table: building one costs as much as executing it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, TypeVar, get_args, get_type_hints
from uuid import UUID

from sqlalchemy import Select, Table, TextClause, bindparam, select, text
from sqlalchemy.dialects.postgresql import Insert, insert

from storage.database import Row, Tx

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


async def add(tx: Tx, table: Table, values: Mapping[str, object]) -> None:
    """Insert one row into the transaction's scope."""
    await tx.change(_insert(table), here(tx, values))


async def add_all(tx: Tx, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows of the same columns into the transaction's scope, at once."""
    if len(rows) == 1:
        await add(tx, table, rows[0])
    elif rows:
        whole = [here(tx, values) for values in rows]
        await tx.change(_insert_all(table, tuple(whole[0])), {"rows": as_json(whole)})


def as_json(rows: Sequence[Mapping[str, object]]) -> str:
    """Give rows as Postgres's ``jsonb_populate_recordset`` reads them."""
    return json.dumps(rows, default=_plain)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def add_new(tx: Tx, table: Table, values: Mapping[str, object]) -> bool:
    """Insert one row into the transaction's scope; False if its key is there."""
    return await tx.change(_insert_new(table), here(tx, values)) == 1


async def by_id(
    tx: Tx, table: Table, row_id: UUID, *, lock: bool = False
) -> Row | None:
    """Give the row of this id, locked until the transaction ends if asked for."""
    return await tx.row(_select(table, lock=lock), {"row_id": row_id})


def here(tx: Tx, values: Mapping[str, object]) -> Mapping[str, object]:
    """Give ``values`` with the transaction's tenant and environment."""
    scope = tx.here
    return {
        "tenant_id": scope.tenant_id,
        "environment": scope.environment,
        **values,
    }


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _insert_all(table: Table, columns: tuple[str, ...]) -> TextClause:
    names = ", ".join(table.c[name].name for name in columns)
    return text(
        f"INSERT INTO {table.name} ({names}) SELECT {names}"  # noqa: S608 - of tables.py
        f" FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))"
    )


@cache
def _insert_new(table: Table) -> Insert:
    return insert(table).on_conflict_do_nothing()


@cache
def _select(table: Table, *, lock: bool) -> Select[*tuple[object, ...]]:
    query = select(table).where(table.c.id == bindparam("row_id"))
    return query.with_for_update() if lock else query


def into(record: type[Record], row: Row) -> Record:
    """Make ``record`` of the row's columns of the same names."""
    return record(
        **{
            name: word(row[name])
            if word is not None and row[name] is not None
            else tuple(row[name])
            if isinstance(row[name], list)
            else row[name]
            for name, word in _shape(record)
        }
    )


@cache
def _shape(
    record: "type[DataclassInstance]",
) -> tuple[tuple[str, type[Enum] | None], ...]:
    hints = get_type_hints(record)
    return tuple((field.name, _word(hints[field.name])) for field in fields(record))


def _word(hint: object) -> type[Enum] | None:
    """Find the enum in ``Word`` or ``Word | None``."""
    for one in (hint, *get_args(hint)):
        if isinstance(one, type) and issubclass(one, Enum):
            return one
    return None
