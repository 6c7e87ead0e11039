"""``python -m cli.event_schemas``: docs/events, a JSON Schema of each event."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from wire.event_body import EventBody
from wire.events import EVENTS, VERSION

FOLDER = Path(__file__).parents[1] / "docs" / "events"
RELEASED = "released.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, JsonValue]


def schema_of(name: str, data: type[EventBody]) -> Schema:
    """Give the schema to hold ``data`` against; it allows more fields."""
    found = data.model_json_schema(by_alias=True)
    found.pop("additionalProperties")
    return {
        "$schema": _DIALECT,
        "$id": schema_id(name),
        **found,
        "title": f"ops.agent_{name}, version {VERSION}",
    }


def schema_id(name: str) -> str:
    return f"urn:ops-autopilot:events:{name}:{VERSION}"


def render() -> dict[str, str]:
    """Give every file of the folder but the released ones, by name."""
    return {
        f"{name}.json": json.dumps(schema_of(name, data), indent=2) + "\n"
        for name, data in EVENTS.items()
    }


def find_breaks(released: Mapping[str, Schema], now: Mapping[str, Schema]) -> list[str]:
    """Say what a reader of the released schemas would miss, or not understand."""
    breaks: list[str] = []
    for name, old in released.items():
        new = now.get(name)
        if new is None:
            breaks.append(f"{name}: is gone")
            continue
        breaks += [f"{name}: {one}" for one in _breaks_of(old, new)]
    return breaks


def _breaks_of(old: Schema, new: Schema) -> Iterator[str]:
    olds, news = _fields(old), _fields(new)
    for field, form in olds.items():
        if field not in news:
            yield f"{field} is gone"
        elif _form(form) != _form(news[field]):
            yield f"{field} has another form"
        elif field in _required(old) and field not in _required(new):
            yield f"{field} may be missing"


def _fields(schema: Schema) -> Mapping[str, JsonValue]:
    found = schema.get("properties", {})
    return found if isinstance(found, dict) else {}


def _required(schema: Schema) -> set[str]:
    found = schema.get("required", [])
    return set(map(str, found)) if isinstance(found, list) else set()


def _form(form: JsonValue) -> JsonValue:
    """Give what a value may be, without what is only said of it."""
    if not isinstance(form, dict):
        return form
    return {
        key: value
        for key, value in form.items()
        if key not in {"title", "description", "default"}
    }


def main() -> None:
    """Write the schemas; with ``release`` also the promise, unless it is broken."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in render().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    if sys.argv[1:] != ["release"]:
        return
    path = FOLDER / RELEASED
    now = {name: schema_of(name, data) for name, data in EVENTS.items()}
    released = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    breaks = find_breaks(released, now)
    if breaks:
        sys.exit("\n".join([*breaks, "raise VERSION in wire/events.py instead"]))
    path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
