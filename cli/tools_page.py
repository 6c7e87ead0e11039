"""``python -m cli.tools_page > docs/tools.md``: every tool, from its declaration."""

import inspect
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from gateway.registry import (
    AnyRead,
    AnyWrite,
    ReadTool,
    Registry,
    WriteTool,
    internal_params,
)
from gateway.tools.catalog import all_tools
from policy.tool_spec import ToolCategory

_HEAD = '''\
# Tools

Generated from the registry by `python -m cli.tools_page`; a test holds it to it.
Which class a write has, and why:
[decision 7](decisions/0007-what-counts-as-reversible.md).

## Adding a tool in thirty lines

One file in `gateway/tools/`, and its name in `gateway/tools/catalog.py`. A read, whole:

```python
"""get_shift: who is on call for a team."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.tools.quantity import UnixSeconds


class ShiftParams(Strict):
    team: str = Field(pattern=r"^[a-z-]{1,40}$", title="Team")


class Shift(Strict):
    team: str
    person_id: str
    ends_at: UnixSeconds


async def read_shift(params: ShiftParams, ports: Ports, _occasion: Occasion) -> Shift:
    shift = await ports.shifts.get(params.team)
    return Shift(team=shift.team, person_id=shift.person_id, ends_at=shift.ends_at)


GET_SHIFT = ReadTool(
    name="get_shift", version=1, params=ShiftParams, result=Shift, read=read_shift
)
```

`ports.shifts` is a protocol in `gateway/ports.py`, which a connector fulfils
(`docs/connectors.md`). Each number takes unit and bounds from
`gateway/tools/quantity.py`, and an answer beyond them is refused as unreadable. A write
declares more, or it does not register: `observe`,
`estimate` (measured from the system), `execute` (conditional on the version seen, under
an idempotency key), `reconcile`, `verify`, its reason codes, and `undo` if it is
reversible; `gateway/tools/push_tokens.py` is the shortest.
`tests/gateway/tools/test_on_the_platform.py` asks for its case.
'''
# The largest whole number that JSON holds for sure.
_EXACT = 2**53 - 1
_LAST_SECOND = 253_402_300_799
_NULL = ["or null"]
_CLASSES = {
    ToolCategory.read: "read",
    ToolCategory.write_reversible: "write, reversible",
    ToolCategory.write_irreversible: "write, irreversible",
}


def render_tools_page(registry: Registry) -> str:
    """Render the page: the example, a list, and a section for each tool."""
    tools = [registry.find(spec.name) for spec in registry.specs]
    found = [tool for tool in tools if tool is not None]
    lines = [
        _HEAD,
        "## All tools",
        "",
        "| tool | class | what it does |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| [`{one.name}`](#{one.name}) | {_class(one)} | {_about(one)} |"
        for one in found
    ]
    for tool in found:
        lines += ["", f"## {tool.name}", "", *_section(tool)]
    return "\n".join(lines) + "\n"


def _section(tool: AnyRead | AnyWrite) -> Iterator[str]:
    yield f"{_about(tool)} Version {tool.version}, {_class(tool)}."
    yield ""
    yield from _params(tool)
    if isinstance(tool, ReadTool):
        yield from _read(tool)
    if isinstance(tool, WriteTool):
        yield from _write(tool)


def _params(tool: AnyRead | AnyWrite) -> Iterator[str]:
    schema = tool.params.model_json_schema()
    required = schema.get("required", [])
    hidden = internal_params(tool.params)
    yield "| param | type | bounds | unit |"
    yield "| --- | --- | --- | --- |"
    for name, spec in schema["properties"].items():
        if name in hidden:
            continue
        mark = "" if name in required else ", optional"
        yield f"| `{name}` | {_type(spec)}{mark} | {_bounds(spec)} | {_unit(spec)} |"


def _answer(title: str, shape: type[BaseModel]) -> Iterator[str]:
    """Give the fields of a result or a state, those of its rows by their path."""
    schema = shape.model_json_schema()
    yield ""
    yield f"| {title} | type | bounds | unit |"
    yield "| --- | --- | --- | --- |"
    for name, spec in _fields(schema, schema.get("$defs", {}), ""):
        yield f"| `{name}` | {_type(spec)} | {_bounds(spec)} | {_unit(spec)} |"


def _fields(
    schema: Mapping[str, Any], rows: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, spec in schema["properties"].items():
        below = [one for one in _choices(spec) if "$ref" in one.get("items", one)]
        mark = "[]" if spec.get("type") == "array" else ""
        if not below:
            yield f"{path}{name}{mark}", spec
        for one in below:
            row = str(one.get("items", one)["$ref"]).rpartition("/")[2]
            yield from _fields(rows[row], rows, f"{path}{name}{mark}.")


def _read(tool: AnyRead) -> Iterator[str]:
    tainted = ", ".join(f"`{name}`" for name in sorted(tool.tainted_fields))
    yield from _answer("gives", tool.result)
    if tainted:
        yield ""
        yield f"- **Anybody's words:** {tainted}"


def _write(tool: AnyWrite) -> Iterator[str]:
    reasons = ", ".join(f"`{code}`" for code in tool.reason_codes)
    undo = "restores the state that was seen" if tool.undo else "none"
    yield from _answer("target's state", tool.state)
    yield ""
    yield f"- **Reason codes:** {reasons}"
    yield f"- **Target:** {', '.join(f'`{name}`' for name in tool.target_params)}"
    yield f"- **Estimate:** {_first(tool.estimate)}"
    proof = _first(tool.verify).removeprefix("Verified ")
    yield f"- **Verified:** {proof} Within {tool.verify_seconds:g} s."
    yield f"- **Undo:** {undo}"
    if tool.expires_at is not None:
        yield "- **Expires:** at `expires_at` it is taken back by itself, and verified"
    if tool.rehearse is not None:
        yield "- **Rehearsed:** by the system's own dry run, before card and execution"
    yield (
        f"- **Limits:** evidence at most {tool.evidence_seconds:g} s old; refused if "
        f"the estimate grew to more than {tool.growth_ratio:g} times"
    )


def _about(tool: AnyRead | AnyWrite) -> str:
    """Give the first line of the tool's module, after its name."""
    doing = tool.read if isinstance(tool, ReadTool) else tool.execute
    module = inspect.getmodule(doing)
    first = _first(module).partition(": ")[2] or _first(doing)
    return first[:1].upper() + first[1:]


def _class(tool: AnyRead | AnyWrite) -> str:
    return _CLASSES[tool.spec.category]


def _first(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _type(spec: Mapping[str, Any]) -> str:
    kinds = [_kind(one) for one in _choices(spec)]
    return " or ".join(kind for kind in kinds if kind != "null")


def _kind(spec: Mapping[str, Any]) -> str:
    if spec.get("format") == "date-time":
        return "instant"
    if spec.get("type") == "array":
        parts = spec.get("prefixItems", [spec.get("items", {})])
        return f"list of {' and '.join(_type(one) for one in parts)}"
    return str(spec.get("type", "any"))


def _unit(spec: Mapping[str, Any]) -> str:
    units = [str(one["x-unit"]) for one in _leaves(spec) if "x-unit" in one]
    return ", ".join(dict.fromkeys(units))


def _bounds(spec: Mapping[str, Any]) -> str:
    told = [part for one in _leaves(spec) for part in _bounds_of(one)]
    if any(one.get("type") == "null" for one in _choices(spec)):
        told += _NULL if "default" not in spec else []
    if "description" in spec:
        told.append(str(spec["description"]))
    return "; ".join(dict.fromkeys(told))


def _leaves(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give a field's own schemas, and those of what it lists."""
    yield spec
    for part in ("anyOf", "prefixItems"):
        for one in spec.get(part, []):
            yield from _leaves(one)
    if spec.get("items"):
        yield from _leaves(spec["items"])


def _bounds_of(spec: Mapping[str, Any]) -> Iterator[str]:
    enum = spec.get("enum")
    if isinstance(enum, list):
        yield ", ".join(f"`{word}`" for word in enum)
    if "minimum" in spec or "maximum" in spec:
        yield _range(spec.get("minimum"), spec.get("maximum"))
    if "maxLength" in spec:
        yield f"at most {spec['maxLength']} characters"
    if "pattern" in spec:
        yield f"`{str(spec['pattern']).replace('|', chr(92) + '|')}`"


def _range(least: float | None, most: float | None) -> str:
    """Say a range; what every number is within is no bound to tell."""
    if least == -sys.float_info.max:
        return "any finite number"
    if most == _EXACT:
        return "0 or more" if least == 0 else "any whole number"
    if most == _LAST_SECOND:
        return "the years 1 to 9999"
    return f"{least} to {most}"


def _choices(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    choices = spec.get("anyOf")
    return choices if isinstance(choices, list) else [spec]


def main() -> None:
    sys.stdout.write(render_tools_page(all_tools()))


if __name__ == "__main__":
    main()
