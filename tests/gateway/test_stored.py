"""Stored params and states: read as this release's tools do, or refused with why."""

from collections.abc import Callable

import pytest
from pydantic import JsonValue

from gateway.registry import AnyWrite
from gateway.stored import UnreadableRow, read_params, read_state, read_tool
from gateway.tools.catalog import all_tools

TOOL = "throttle_endpoint"
PARAMS: dict[str, JsonValue] = {
    "service": "discourse",
    "route": "GET /feed",
    "limit_rps": 450,
}
STATE: dict[str, JsonValue] = {
    "service": "discourse",
    "route": "GET /feed",
    "limit_rps": None,
    "version": 1,
    "error_ratio": 0.18,
}


def tool() -> AnyWrite:
    return read_tool(all_tools(), TOOL)


def test_what_fits_is_typed() -> None:
    """Params and state as they were stored."""
    assert PARAMS.items() <= read_params(tool(), PARAMS).model_dump().items()
    assert STATE == read_state(tool(), STATE, what="before").model_dump()


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda: read_tool(all_tools(), "gone"), "gone: it has no such tool"),
        (
            lambda: read_params(tool(), {**PARAMS, "limit_rps": -7531}),
            f"{TOOL}: params: limit_rps: Input should be greater",
        ),
        (
            lambda: read_state(tool(), {**STATE, "error_ratio": 7531}, what="before"),
            f"{TOOL}: before: error_ratio: Input should be less",
        ),
    ],
)
def test_what_does_not_fit_is_refused(read: Callable[[], object], said: str) -> None:
    """With the field and what to do next, and without the value."""
    with pytest.raises(UnreadableRow) as refused:
        read()

    assert ("unreadable_row", 409) == (refused.value.code, refused.value.status)
    assert said in refused.value.message
    assert refused.value.message.endswith(
        "; a person has to look at its target, and act by hand"
    )
    assert "7531" not in refused.value.message
