"""Params and targets that no type refuses, and that nothing may run with."""

import pytest
from pydantic import JsonValue

from gateway.checks import check_exact, check_named, check_params
from gateway.gate import RefusedCall
from gateway.ports import Unreadable
from gateway.registry import AnyWrite, Estimate
from gateway.tools.catalog import all_tools
from gateway.tools.feature_flag import FlagTarget

FLAG: dict[str, JsonValue] = {"flag_key": "f", "enabled": False, "rollout_percent": 0}
TARGET = FlagTarget(key="f", service="s", enabled=True, rollout_percent=50, version=1)


def tool(name: str = "toggle_feature_flag") -> AnyWrite:
    found = all_tools().find_write(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({**FLAG, "former": "{}"}, "internal_params"),
        ({**FLAG, "flag_key": "⟨email:1⟩"}, "placeholder_param"),
    ],
)
def test_params_are_refused_by_name(params: dict[str, JsonValue], code: str) -> None:
    """What marks an undo, and a placeholder where policy decides by the value."""
    check_params(tool(), FLAG)
    with pytest.raises(RefusedCall) as caught:
        check_params(tool(), params)

    assert code == caught.value.code


def test_a_text_for_people_may_hold_a_placeholder() -> None:
    """It is lifted for the connector."""
    check_params(tool("add_ticket_comment"), {"body": "Dear ⟨name:1⟩"})


def test_a_target_that_was_removed_for_good_is_refused() -> None:
    """Nothing could run."""
    check_named({"user_id": "u_1"})
    with pytest.raises(RefusedCall, match="name the target by its id"):
        check_named({"user_id": "⟨card⟩"})


@pytest.mark.parametrize("amount", [2**60, float("nan"), float("inf")])
def test_a_number_that_is_none_can_not_be_compared(amount: float) -> None:
    """A card would show it, and no digest hold it."""
    check_exact(tool(), TARGET, Estimate(2.0, "people", "", ""))
    with pytest.raises(Unreadable, match="past 2\\^53"):
        check_exact(tool(), TARGET, Estimate(amount, "people", "", ""))


def test_a_reach_below_nothing_is_none() -> None:
    """By it every bound on the reach would be kept."""
    check_exact(tool(), TARGET, Estimate(0.0, "rows", "", ""))
    with pytest.raises(Unreadable, match="less than 0 rows"):
        check_exact(tool(), TARGET, Estimate(-1.0, "rows", "", ""))
