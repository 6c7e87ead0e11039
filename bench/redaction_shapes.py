"""Ordinary JSON of 64 KB in four shapes, each row about somebody or something else."""

import json
from collections.abc import Callable, Mapping

from pydantic import JsonValue

JSON_BYTES = 64 * 1024
_FIRST = ("Kim", "Ana", "José", "Wei", "Priya", "Lars", "Fatima", "Yuki", "Omar", "Zoë")
_LAST = ("Smith", "García", "Chen", "Patel", "Müller", "Tanaka", "Haddad", "Novak")
_AT = "2026-05-01T10:00:00Z"


def _phone(number: int) -> str:
    return f"+44 20 7{number // 10_000 % 10}46 {number % 10_000:04}"


def _address(number: int) -> str:
    return f"{number} Harbour Road, Bristol BS1 {number % 10}ZZ, United Kingdom"


def _person(number: int) -> tuple[str, str]:
    return _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]


def _measured(number: int) -> JsonValue:
    return {
        "at": _AT,
        "route": f"/api/v{number % 3}/feed/{number}",
        "p99_ms": number / 100,
        "errors": number,
        "pod": f"discourse-{number:x}-abcde",
    }


def _user(number: int) -> JsonValue:
    first, last = _person(number)
    return {
        "user_id": f"u_{number}",
        "handle": f"kim_{number}",
        "email": f"{first.lower()}{number}@example.org",
        "phone": _phone(number),
        "first_name": first,
        "last_name": last,
        "address": _address(number),
        "created_at": _AT,
        "posts": number,
    }


def _sentence(number: int) -> JsonValue:
    return {"id": number, "text": f"Order {number} is late, call {_phone(number)}"}


def _ticket(number: int) -> JsonValue:
    first, last = _person(number)
    says = (
        f"Hi, I can't log in. My number is {_phone(number)} and my mail is"
        f" {first.lower()}{number}@example.com. I live at {_address(number)}."
        f" Thanks, {first}"
    )
    return {
        "id": number,
        "created_at": _AT,
        "subject": f"Can't log in since yesterday ({number})",
        "requester": {"name": f"{first} {last}", "phone": _phone(number + 1)},
        "comments": [{"body": says, "at": _AT}],
        "status": "open",
    }


SHAPES: Mapping[str, Callable[[int], JsonValue]] = {
    "measurements of routes": _measured,
    "people by their fields": _user,
    "tickets, a text of a person each": _ticket,
    "short sentences, a phone each": _sentence,
}


def shaped(row: Callable[[int], JsonValue], *, first: int) -> dict[str, JsonValue]:
    """Fill a document of 64 KB with rows, numbered from ``first``."""
    rows: list[JsonValue] = []
    size = 0
    while size < JSON_BYTES:
        rows.append(row(first + len(rows)))
        size += len(json.dumps(rows[-1], ensure_ascii=False).encode())
    return {"rows": rows}
