"""Functions of a model: strict, and made of the registry alone."""

from collections.abc import Iterator

import pytest
from pydantic import JsonValue

from gateway.tools.catalog import all_tools
from runner.model_schema import functions, given, strict
from tests.runner.modelled import views

EVERY = [one.name for one in all_tools().specs]


def objects(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Walk every object schema."""
    if isinstance(value, list):
        for one in value:
            yield from objects(one)
    elif isinstance(value, dict):
        if isinstance(value.get("properties"), dict):
            yield value
        for one in value.values():
            yield from objects(one)


def function(name: str) -> dict[str, JsonValue]:
    found = [one["function"] for one in functions(views(EVERY))]
    [wanted] = [one for one in found if isinstance(one, dict) and one["name"] == name]
    return wanted


@pytest.mark.parametrize("tool", EVERY)
def test_every_object_is_closed_and_every_field_required(tool: str) -> None:
    """As strict function calling wants it, for each tool of the registry."""
    found = list(objects([*functions(views([tool]))]))

    assert found
    for one in found:
        properties, required = one["properties"], one["required"]
        assert isinstance(properties, dict)
        assert isinstance(required, list)
        assert set(properties) == set(required)
        assert one["additionalProperties"] is False


def test_a_write_can_only_be_proposed() -> None:
    """There is no function of its name."""
    names = {
        one["function"]["name"]  # type: ignore[index,call-overload]
        for one in functions(views())
    }

    assert {
        "get_dashboard_snapshot",
        "trace_lookup",
        "get_queue_state",
        "propose_toggle_feature_flag",
        "propose_throttle_endpoint",
        "look_again",
        "report",
    } == names


def test_what_may_be_left_out_may_be_null() -> None:
    """And the nulls are taken out again before the gateway types the params."""
    schema = strict(
        {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
            "required": ["a"],
        }
    )
    properties = schema["properties"]

    assert isinstance(properties, dict)
    assert {"anyOf": [{"type": "integer"}, {"type": "null"}]} == properties["b"]
    assert {"a": "x"} == given({"a": "x", "b": None})


def test_a_proposal_has_the_tools_reason_codes() -> None:
    """As words that it may choose from."""
    parameters = function("propose_toggle_feature_flag")["parameters"]

    assert isinstance(parameters, dict)
    reason = parameters["properties"]["reason_code"]  # type: ignore[index,call-overload]
    assert "incident_mitigation" in reason["enum"]  # type: ignore[index,call-overload,operator]
