"""
The Cedar schema, made from the tools; and params as Cedar sees them.

Principals are ``Agent`` and ``Person``, the resource is an ``Environment``. Actions are
``read:<tool>`` for a read tool, ``propose:<tool>`` and ``execute:<tool>`` for a write
tool, and ``approve``. Each is in the group of its verb and in a group that bears the
tool's name, so that ``action in Action::"throttle_endpoint"`` means both phases, with
``context.params`` typed. JSON types map as: string → String, integer → Long, boolean →
Bool, number → decimal (four digits after the point, rounded half to even), array of
strings → Set<String>. Other params can't be named by a rule.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from policy.errors import PolicyError
from policy.tool_spec import ToolCategory, ToolSpec

VERBS = ("read", "propose", "execute", "approve")
FOUR_DIGITS = Decimal("0.0001")
CEDAR_TYPES = {
    "string": "String",
    "integer": "Long",
    "boolean": "Bool",
    "number": "decimal",
}

CALL_CONTEXT = """
    agent_version: Long, allowed_tool: Bool, approval_count: Long, category: String,
    edited: Bool, environment: String, frozen: Bool, frozen_whole: Bool, is_undo: Bool,
    kind: String, lab_only: Bool, level: Long, overwrites: Bool, reason_code: String,
    reason_codes: Set<String>, requester: String, restored: Bool, sandbox: String,
    tainted: Bool, task_environment: String, tenant: String, uncited: Bool,
    writes_by_agent: Long, writes_here: Long, writes_last_hour: Long,
    writes_on_target: Long"""

HEAD = """
entity Agent;
entity Environment;
entity Person { id: String, roles: Set<String> };
action "read", "propose", "execute";
action "approve" appliesTo { principal: [Person], resource: [Environment], context: {
    already_approved: Bool, category: String, environment: String, frozen: Bool,
    is_undo: Bool, kind: String, requester: String, requester_may_approve: Bool,
    roles: Set<String>, tenant: String, tool: String } };
"""


def render_schema(tools: tuple[ToolSpec, ...]) -> str:
    """
    Render the schema in Cedar's own syntax.

    Raises:
        PolicyError: a tool's name can't be told from a verb, or stands twice.
    """
    seen = set(VERBS)
    parts = [HEAD]
    for tool in tools:
        if tool.name in seen:
            raise PolicyError(
                "tools",
                0,
                what=f"tool name {tool.name!r} is taken",
                mend="rename the tool",
            )
        seen.add(tool.name)
        parts.append(_render_actions(tool))
    return "".join(parts)


def verbs_of(tool: ToolSpec) -> tuple[str, ...]:
    return ("read",) if tool.category is ToolCategory.read else ("propose", "execute")


def render_params(
    tool: ToolSpec, params: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """
    Give the params as Cedar context.

    An unknown name is passed on, so that Cedar's own check refuses it.

    Raises:
        ValueError: a number that no Cedar decimal can hold.
    """
    types = _types(tool)
    known = _properties(tool)
    return {
        name: _render_value(value, types.get(name))
        for name, value in params.items()
        if value is not None and (name in types or name not in known)
    }


def _render_actions(tool: ToolSpec) -> str:
    required = tool.params_schema.get("required", ())
    names = required if isinstance(required, list | tuple) else ()
    params = ", ".join(
        f'"{name}"{"" if name in names else "?"}: {cedar_type}'
        for name, cedar_type in _types(tool).items()
    )
    lines = [f'action "{tool.name}";']
    lines.extend(
        f'action "{verb}:{tool.name}" in [Action::"{verb}", Action::"{tool.name}"]'
        " appliesTo { principal: [Agent], resource: [Environment], context: {"
        f"{CALL_CONTEXT},\n    params: {{ {params} }} }} }};"
        for verb in verbs_of(tool)
    )
    return "\n".join(lines) + "\n"


def _properties(tool: ToolSpec) -> Mapping[str, object]:
    properties = tool.params_schema.get("properties", {})
    return properties if isinstance(properties, Mapping) else {}


def _types(tool: ToolSpec) -> dict[str, str]:
    typed = {name: _cedar_type(each) for name, each in _properties(tool).items()}
    return {name: cedar_type for name, cedar_type in typed.items() if cedar_type}


def _cedar_type(schema: object) -> str | None:
    if not isinstance(schema, Mapping):
        return None
    choices = schema.get("anyOf")
    if isinstance(choices, list | tuple):
        named = [_cedar_type(choice) for choice in choices if not _is_null(choice)]
        return named[0] if len(named) == 1 else None
    kind = schema.get("type")
    if kind == "array" and _cedar_type(schema.get("items")) == "String":
        return "Set<String>"
    return CEDAR_TYPES.get(kind) if isinstance(kind, str) else None


def _is_null(schema: object) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _render_value(value: JsonValue, cedar_type: str | None) -> JsonValue:
    if cedar_type != "decimal" or isinstance(value, bool):
        return value
    try:
        number = Decimal(str(value)).quantize(FOUR_DIGITS)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number that policy can compare") from error
    return {"__extn": {"fn": "decimal", "arg": f"{number:f}"}}
