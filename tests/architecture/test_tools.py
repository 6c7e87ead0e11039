"""Every write tool declares what its class demands."""

from collections.abc import Iterator, Mapping

import pytest
from pydantic import BaseModel

from gateway.registry import (
    AnyRead,
    AnyWrite,
    ReadTool,
    WriteTool,
    internal_params,
)
from gateway.tools.catalog import all_tools
from policy.tool_spec import ToolCategory

REGISTRY = "gateway.tools.catalog"


LEAST_NUMBERS = 100


def tools() -> list[AnyRead | AnyWrite]:
    registry = all_tools()
    found = [registry.find(spec.name) for spec in registry.specs]
    return [tool for tool in found if tool is not None]


def write_tools() -> list[AnyWrite]:
    return [tool for tool in tools() if isinstance(tool, WriteTool)]


WRITES = write_tools()
# The class of each write, and its undo with it: docs/decisions/0007 says why.
REVERSIBLE = {
    "apply_friction",
    "revoke_push_tokens",
    "throttle_endpoint",
    "toggle_feature_flag",
}
IRREVERSIBLE = {
    "add_ticket_comment",
    "ban_user",
    "remove_content",
    "resolve_appeal",
    "restart_consumer",
    "revoke_sessions",
    "schedule_campaign",
    "send_reset_link",
    "start_backfill",
}


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
@pytest.mark.parametrize(
    "part", ["observe", "estimate", "execute", "reconcile", "verify", "describe"]
)
def test_a_write_tool_declares_each_part(tool: AnyWrite, part: str) -> None:
    """A write says what it will change, how far, and whether it worked."""
    assert callable(getattr(tool, part))


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
def test_what_is_reversible_has_an_undo(tool: AnyWrite) -> None:
    """The class is earned by an undo, and a class without undo has none."""
    reversible = tool.category is ToolCategory.write_reversible

    assert reversible == (tool.undo is not None)


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
def test_a_write_names_reasons_and_targets(tool: AnyWrite) -> None:
    """Without a reason code no write is asked for; targets are among the params."""
    assert tool.reason_codes
    assert set(tool.target_params) & set(tool.params.model_fields)


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
def test_a_write_has_positive_limits(tool: AnyWrite) -> None:
    """Deadline, settling and verification take some time; growth is at least none."""
    assert tool.effect_seconds > 0
    assert tool.settle_seconds > 0
    assert tool.verify_seconds > 0
    assert tool.growth_ratio >= 1


def test_each_write_is_of_its_class() -> None:
    """No tool changes its class, and none is new, without this table's saying so."""
    by_class = {
        category: {tool.name for tool in WRITES if tool.category is category}
        for category in (ToolCategory.write_reversible, ToolCategory.write_irreversible)
    }

    assert {
        ToolCategory.write_reversible: REVERSIBLE,
        ToolCategory.write_irreversible: IRREVERSIBLE,
    } == by_class


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
def test_each_estimate_says_what_it_measures(tool: AnyWrite) -> None:
    """Its first line goes into docs/tools.md, beside verify's."""
    assert tool.estimate.__doc__
    assert tool.verify.__doc__


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
def test_each_param_of_a_form_has_a_title(tool: AnyWrite) -> None:
    """What people see of a param is a word, and no identifier."""
    hidden = internal_params(tool.params)
    bare = [
        name
        for name, one in tool.params.model_fields.items()
        if name not in hidden and not one.title
    ]

    assert [] == bare


def test_each_number_of_a_tool_has_unit_and_bounds() -> None:
    """In params, results and states; ``none`` marks what is dimensionless."""
    found = [
        (f"{tool.name}.{place}", spec)
        for tool in tools()
        for place, spec in numbers_of(tool)
    ]
    bare = [
        place
        for place, spec in found
        if not spec.get("x-unit") or not {"minimum", "maximum"} <= spec.keys()
    ]

    assert [] == bare
    assert len(found) > LEAST_NUMBERS


def numbers_of(tool: AnyRead | AnyWrite) -> Iterator[tuple[str, Mapping[str, object]]]:
    given = tool.result if isinstance(tool, ReadTool) else tool.state
    for shape in (tool.params, given):
        for schema in schemas_of(shape):
            yield from walk(schema, str(schema["title"]))


def schemas_of(shape: type[BaseModel]) -> list[dict[str, object]]:
    """Give a model's schema, and those of the models within it."""
    schema = shape.model_json_schema()
    return [schema, *schema.get("$defs", {}).values()]


def walk(node: object, place: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Give each number below a schema's node, and where it is."""
    if isinstance(node, list):
        for one in node:
            yield from walk(one, place)
    if not isinstance(node, dict):
        return
    if node.get("type") in {"integer", "number"}:
        # A choice of a field carries its own unit, or the field does.
        yield place, node
        return
    for name, one in node.get("properties", {}).items():
        yield from walk(one, f"{place}.{name}")
    for part in ("anyOf", "items", "prefixItems", "additionalProperties"):
        lent = {"x-unit": node["x-unit"]} if "x-unit" in node else {}
        below = node.get(part)
        choices = below if isinstance(below, list) else [below]
        for one in choices:
            yield from walk(lent | one if isinstance(one, dict) else one, place)


def test_there_are_write_tools() -> None:
    """The rules above had something to look at."""
    assert WRITES
