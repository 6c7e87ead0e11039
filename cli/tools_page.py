"""``python -m cli.tools_page > docs/tools.md``: every tool, from its declaration."""

import inspect
import sys
from collections.abc import Iterator, Mapping

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


class ShiftParams(Strict):
    team: str = Field(pattern=r"^[a-z-]{1,40}$", title="Team")


class Shift(Strict):
    """``ends_at`` is Unix seconds."""

    team: str
    person_id: str
    ends_at: float


async def read_shift(params: ShiftParams, ports: Ports, _occasion: Occasion) -> Shift:
    shift = await ports.shifts.get(params.team)
    return Shift(team=shift.team, person_id=shift.person_id, ends_at=shift.ends_at)


GET_SHIFT = ReadTool(
    name="get_shift", version=1, params=ShiftParams, result=Shift, read=read_shift
)
```

`ports.shifts` is a protocol in `gateway/ports.py`, which a connector fulfils
(`docs/connectors.md`). A write declares more, or it does not register: `observe`,
`estimate` (measured from the system), `execute` (conditional on the version seen, under
an idempotency key), `reconcile`, `verify`, its reason codes, and `undo` if it is
reversible; `gateway/tools/push_tokens.py` is the shortest.
`tests/gateway/tools/test_on_the_platform.py` asks for its case.
'''
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
        unit = spec.get("x-unit", "")
        yield f"| `{name}` | {_type(spec)}{mark} | {_bounds(spec)} | {unit} |"


def _read(tool: AnyRead) -> Iterator[str]:
    tainted = ", ".join(f"`{name}`" for name in sorted(tool.tainted_fields))
    fields = ", ".join(f"`{name}`" for name in tool.result.model_fields)
    yield ""
    yield f"- **Gives:** {fields}"
    if tainted:
        yield f"- **Anybody's words:** {tainted}"


def _write(tool: AnyWrite) -> Iterator[str]:
    reasons = ", ".join(f"`{code}`" for code in tool.reason_codes)
    undo = "restores the state that was seen" if tool.undo else "none"
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


def _type(spec: Mapping[str, object]) -> str:
    kinds = [_kind(one) for one in _choices(spec)]
    return " or ".join(kind for kind in kinds if kind != "null")


def _kind(spec: Mapping[str, object]) -> str:
    if spec.get("format") == "date-time":
        return "instant"
    return str(spec.get("type", "any"))


def _bounds(spec: Mapping[str, object]) -> str:
    told = [part for one in _choices(spec) for part in _bounds_of(one)]
    if "description" in spec:
        told.append(str(spec["description"]))
    return "; ".join(told)


def _bounds_of(spec: Mapping[str, object]) -> Iterator[str]:
    enum = spec.get("enum")
    if isinstance(enum, list):
        yield ", ".join(f"`{word}`" for word in enum)
    if "minimum" in spec or "maximum" in spec:
        yield f"{spec.get('minimum', '')} to {spec.get('maximum', '')}"
    if "maxLength" in spec:
        yield f"at most {spec['maxLength']} characters"
    if "pattern" in spec:
        yield f"`{str(spec['pattern']).replace('|', chr(92) + '|')}`"


def _choices(spec: Mapping[str, object]) -> list[Mapping[str, object]]:
    choices = spec.get("anyOf")
    return choices if isinstance(choices, list) else [spec]


def main() -> None:
    sys.stdout.write(render_tools_page(all_tools()))


if __name__ == "__main__":
    main()
