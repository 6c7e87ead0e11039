"""Registration: an incomplete declaration never becomes a tool."""

from dataclasses import replace

import pytest

from gateway.registry import IncompleteTool, Registry
from gateway.tools.catalog import all_tools
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG
from gateway.tools.queues import GET_QUEUE_STATE
from policy.tool_spec import ToolCategory

FLAG = TOGGLE_FEATURE_FLAG


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ((replace(FLAG, undo=None),), "declare undo"),
        ((replace(FLAG, reason_codes=()),), "declare its reason codes"),
        ((replace(FLAG, category=ToolCategory.read),), "can't be of category read"),
        ((replace(FLAG, target_params=("nothing",)),), "are not in its params"),
        ((replace(FLAG, target_params=()),), "are not in its params"),
        ((replace(FLAG, cited_params=("nothing",)),), "'nothing'. are not in its"),
        ((FLAG, FLAG), "registered twice"),
        ((GET_QUEUE_STATE, replace(FLAG, name="get_queue_state")), "registered twice"),
        (("a string",), "neither a ReadTool nor a WriteTool"),
    ],
)
def test_an_incomplete_tool_does_not_register(
    tools: tuple[object, ...], why: str
) -> None:
    """What is missing is named."""
    with pytest.raises(IncompleteTool, match=why):
        Registry(tools)


def test_an_irreversible_write_needs_no_undo() -> None:
    """What can't be undone says so by its category."""
    ban = replace(FLAG, category=ToolCategory.write_irreversible, undo=None)

    assert ban is Registry((ban,)).find(FLAG.name)


def test_a_read_is_no_write() -> None:
    """Writes are looked up apart, so that a proposal never names a read."""
    registry = all_tools()

    assert registry.find("trace_lookup") is not None
    assert registry.find_write("trace_lookup") is None
    with pytest.raises(LookupError, match="not in this release"):
        registry.write("trace_lookup")


def test_every_shipped_tool_says_what_it_is() -> None:
    """Name, version, category and params of each tool reach policy."""
    specs = all_tools().specs

    assert all(one.version >= 1 and one.params_schema for one in specs)
    writes = [one for one in specs if one.category is not ToolCategory.read]
    assert all(one.target_params and one.reason_codes for one in writes)
