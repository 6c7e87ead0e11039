"""
One row for any table, from the catalogue alone.

A new table is covered the day that its migration is written; a column type that is not
known here fails loudly. Parents are made before children, values that foreign keys name
are the parent's, and words under a CHECK are the first that it allows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from uuid import NAMESPACE_OID, uuid5

import psycopg
from psycopg import sql

from policy.scope import Scope

_NOT_OURS = {"alembic_version"}
_COLUMNS = """
    SELECT a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod),
      a.atthasdef
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_PARENTS = """
    SELECT k.conrelid::regclass::text, k.confrelid::regclass::text, a.attname, p.attname
    FROM pg_constraint k, unnest(k.conkey, k.confkey) AS pair (mine, theirs)
    JOIN pg_attribute a ON a.attnum = mine JOIN pg_attribute p ON p.attnum = theirs
    WHERE k.contype = 'f' AND a.attrelid = k.conrelid AND p.attrelid = k.confrelid
"""
_CHECKS = """
    SELECT k.conrelid::regclass::text, a.attname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_attribute a
      ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'c' AND k.connamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Table:
    """``columns`` by name: type, and whether Postgres has a default for it."""

    name: str
    columns: Mapping[str, tuple[str, bool]]
    parents: Mapping[str, tuple[str, str]]
    words: Mapping[str, Sequence[str]]


def read_tables(admin: psycopg.Connection) -> Mapping[str, Table]:
    """Read every table in public but Alembic's, parents first."""
    columns: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, kind, has_default in admin.execute(_COLUMNS):
        columns.setdefault(table, {})[column] = (kind, has_default)
    parents: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in columns}
    for table, parent, mine, theirs in admin.execute(_PARENTS):
        if mine not in {"tenant_id", "environment"} or parent == "tenants":
            parents[table][mine] = (parent, theirs)
    words: dict[str, dict[str, Sequence[str]]] = {name: {} for name in columns}
    for table, column, definition in admin.execute(_CHECKS):
        words[table][column] = re.findall(r"'([^']*)'::text", definition)
    order = TopologicalSorter(
        {name: {parent for parent, _ in parents[name].values()} for name in columns}
    ).static_order()
    return {
        name: Table(name, columns[name], parents[name], words[name])
        for name in order
        if name not in _NOT_OURS
    }


def row(table: Table, scope: Scope, *, salt: str = "") -> dict[str, object]:
    """Make the scope's row; another ``salt`` makes another row of the same parents."""
    return {
        name: _value(table, name, kind, scope, salt)
        for name, (kind, has_default) in table.columns.items()
        if not has_default
    }


def insert(table: Table, values: Mapping[str, object]) -> sql.Composed:
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
    )


def fill(admin: psycopg.Connection, tables: Mapping[str, Table], scope: Scope) -> None:
    for table in tables.values():
        values = row(table, scope)
        admin.execute(insert(table, values), values)


def _value(table: Table, name: str, kind: str, scope: Scope, salt: str) -> object:
    if name == "tenant_id":
        return scope.tenant_id
    if name == "environment":
        return scope.environment
    if name in table.words:
        return table.words[name][0]
    at = f"{scope.tenant_id}/{scope.environment}/"
    if name in table.parents:
        parent, column = table.parents[name]
        return _typed(kind, f"{at}{parent}.{column}")
    return _typed(kind, f"{at}{table.name}.{name}{salt}")


def _typed(kind: str, seed: str) -> object:
    made = {
        "text": seed,
        "text[]": [seed],
        "uuid": uuid5(NAMESPACE_OID, seed),
        "jsonb": "{}",
        "boolean": False,
        "smallint": 1,
        "integer": 1,
        "bigint": int(uuid5(NAMESPACE_OID, seed).int % 1_000_000),
        "double precision": 0.5,
        "real[]": [0.5],
        "bytea": seed.encode(),
        "timestamp with time zone": "2026-01-01T00:00:00+00:00",
    }
    if kind not in made:
        raise LookupError(f"{seed}: teach tests/storage/row_maker.py the type {kind}")
    return made[kind]
