"""
A model's functions, made of the registry's tools: strict schemas, and nothing else.

Reads are called by their names. A write can only be proposed, by ``propose_<tool>``.
``look_again`` gives parts of what was read; ``report`` ends the run.
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from wire.tools import ToolView

PROPOSE = "propose_"
LOOK_AGAIN = "look_again"
REPORT = "report"
# Keywords that strict function schemas do not take, or that say nothing to a model.
_DROPPED = frozenset({"default", "title", "x-unit", "x-pii", "x-prose", "x-internal"})
_EVIDENCE: dict[str, JsonValue] = {
    "type": "array",
    "items": {"type": "string", "pattern": "^E[0-9]+$"},
    "description": "Evidence that it rests on, as E1.",
}


def functions(tools: Sequence[ToolView]) -> list[dict[str, JsonValue]]:
    """Give the functions of an agent's tools, in the shape of chat completions."""
    return [
        *(_of_tool(tool) for tool in tools),
        _function(LOOK_AGAIN, _LOOK_AGAIN_SAYS, _look_again()),
        _function(REPORT, _REPORT_SAYS, _report()),
    ]


def strict(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """
    Give a params schema in the strict form: each object closed, each field required.

    A field that may be left out may be null instead; ``given`` takes the nulls out
    again.
    """
    found = _strict(dict(schema))
    return found if isinstance(found, dict) else {}


def given(params: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Give what a model's params say, without what it left out as null."""
    return {name: value for name, value in params.items() if value is not None}


def _strict(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_strict(one) for one in value]
    if not isinstance(value, dict):
        return value
    properties = value.get("properties")
    kept = {
        name: one if name == "properties" else _strict(one)
        for name, one in value.items()
        if name not in _DROPPED
    }
    if not isinstance(properties, dict):
        return kept
    required = value.get("required")
    named = required if isinstance(required, list) else []
    return {
        **kept,
        "type": "object",
        "properties": {
            name: _strict(one) if name in named else _or_null(one)
            for name, one in properties.items()
            if not (isinstance(one, dict) and one.get("x-internal"))
        },
        "required": [
            name
            for name, one in properties.items()
            if not (isinstance(one, dict) and one.get("x-internal"))
        ],
        "additionalProperties": False,
    }


def _or_null(schema: JsonValue) -> JsonValue:
    found = _strict(schema)
    choices = found.get("anyOf") if isinstance(found, dict) else None
    if isinstance(choices, list) and {"type": "null"} in choices:
        return found
    return {"anyOf": [found, {"type": "null"}]}


def _of_tool(tool: ToolView) -> dict[str, JsonValue]:
    if tool.category == "read":
        return _function(tool.name, "Read it.", strict(tool.params_schema))
    kind = "reversible" if tool.category == "write_reversible" else "irreversible"
    schema = strict(tool.params_schema)
    definitions = schema.pop("$defs", None)
    whole: dict[str, JsonValue] = _object(
        {
            "params": schema,
            "reason_code": {"type": "string", "enum": list(tool.reason_codes)},
            "summary": {"type": "string", "description": "What would be done."},
            "because": {"type": "string", "description": "Why, from the evidence."},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "evidence": _EVIDENCE,
        }
    )
    if definitions is not None:
        whole["$defs"] = definitions
    says = f"Propose this {kind} action; policy and people decide. Nothing runs now."
    return _function(f"{PROPOSE}{tool.name}", says, whole)


def _function(
    name: str, says: str, parameters: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": says,
            "parameters": parameters,
            "strict": True,
        },
    }


def _object(properties: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_LOOK_AGAIN_SAYS = (
    "Give a part of evidence that was read before, by a JMESPath expression over its "
    "result."
)
_REPORT_SAYS = (
    "End with what was found. Each finding quotes the values that it rests on, exactly "
    "as the evidence holds them. What is not known goes into unknowns: that you don't "
    "know is a good answer."
)


def _look_again() -> dict[str, JsonValue]:
    return _object(
        {
            "evidence": {"type": "string", "pattern": "^E[0-9]+$"},
            "path": {"type": "string", "description": "JMESPath, as panels[0]"},
        }
    )


def _report() -> dict[str, JsonValue]:
    finding = _object(
        {
            "text": {"type": "string"},
            "evidence": _EVIDENCE,
            "quotes": {"type": "array", "items": {"type": "string"}},
        }
    )
    return _object(
        {
            "summary": {"type": "string"},
            "findings": {"type": "array", "items": finding},
            "unknowns": {"type": "array", "items": {"type": "string"}},
        }
    )
