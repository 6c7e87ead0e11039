"""Unique values of people and secrets, and where a database holds them."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args, get_origin
from urllib.parse import quote

import psycopg
from pydantic import BaseModel


@dataclass(frozen=True)
class Canary:
    """One person's values, told from another's by a number; and a secret."""

    number: int

    @property
    def mail(self) -> str:
        return f"canary{self.number:04}@example.org"

    @property
    def phone(self) -> str:
        return f"+49 30 2345{self.number:04}"

    @property
    def secret(self) -> str:
        return f"xoxb-{self.number:04}canary-0123456789abcdef"

    @property
    def name(self) -> str:
        return f"Canary Of-Number-{self.number:04}"

    @property
    def text(self) -> str:
        """Give a sentence with all that is found without a key."""
        return f"please call {self.phone} or write to {self.mail}, token={self.secret}"

    @property
    def forms(self) -> tuple[str, ...]:
        """Give the sentence as it stands, in JSON, and encoded in two ways."""
        person = {"first_name": self.name, "words": self.text}
        mail = b64encode(self.mail.encode()).decode()
        return (self.text, json.dumps(person), quote(self.text), f"seen {mail} twice")

    def traces(self) -> tuple[str, ...]:
        """Give what nobody may find, however it is spelt."""
        digits = self.phone.replace(" ", "")
        encoded = (quote(self.mail), quote(self.phone), b64encode(self.mail.encode()))
        plain = (self.mail, self.phone, digits, self.secret, self.name)
        return (*plain, *encoded[:2], encoded[2].decode())


def seeded(model: type[BaseModel], canaries: Iterator[Canary]) -> BaseModel:
    """Make a result with a canary in each text, and one of each nested model."""
    return model.model_construct(
        None,
        **{
            name: _value(one.annotation, one.json_schema_extra, canaries)
            for name, one in model.model_fields.items()
        },
    )


def _value(annotation: object, extra: object, canaries: Iterator[Canary]) -> object:
    kinds = [one for one in (annotation, *get_args(annotation)) if one is not None]
    origin = get_origin(annotation)
    if origin in {list, tuple}:
        inner = [one for one in get_args(annotation) if one is not ...]
        made = [_value(one, extra, canaries) for one in inner]
        return made if origin is list else tuple(made)
    if origin is dict or origin is Mapping:
        return {"key": _value(get_args(annotation)[1], extra, canaries)}
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return seeded(kind, canaries)
        if kind is str:
            canary = next(canaries)
            marked = isinstance(extra, Mapping) and "x-pii" in extra
            return canary.name if marked else canary.text
        if isinstance(kind, type) and issubclass(kind, bool | int | float):
            return kind(1)
    return None


def tables_with(url: str, traces: tuple[str, ...]) -> dict[str, list[str]]:
    """Give the traces that each table holds, by name, read past every wall."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(url) as admin:
        tables = admin.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            rows = admin.execute(f"SELECT t::text FROM {table} AS t".encode())  # noqa: S608
            text = "\n".join(str(row[0]) for row in rows.fetchall())
            held = [trace for trace in traces if trace in text]
            if held:
                found[table] = held
    return found
