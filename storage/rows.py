"""Between rows and frozen dataclasses: field by field, enums by annotation."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, TypeVar, get_args, get_type_hints

from sqlalchemy import Table, insert

from storage.database import Row, Tx

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


async def add(tx: Tx, table: Table, values: Mapping[str, object]) -> None:
    """Insert one row into the transaction's scope."""
    scope = tx.here
    await tx.change(
        insert(table).values(
            tenant_id=scope.tenant_id, environment=scope.environment, **values
        )
    )


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
