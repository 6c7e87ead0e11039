"""Every write tool declares what its class demands."""

import pytest

from gateway.registry import AnyWrite, WriteTool, internal_params
from gateway.tools.catalog import all_tools
from policy.tool_spec import ToolCategory

REGISTRY = "gateway.tools.catalog"


def write_tools() -> list[AnyWrite]:
    registry = all_tools()
    found = [registry.find(spec.name) for spec in registry.specs]
    return [tool for tool in found if isinstance(tool, WriteTool)]


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


def test_there_are_write_tools() -> None:
    """The rules above had something to look at."""
    assert WRITES
