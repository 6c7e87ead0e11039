"""The contract of a write that a 200 answers with a no."""

from typing import Any

import pytest
import respx

from gateway.ports import OutcomeUnknown
from tests.gateway.connectors.cases import Case
from tests.gateway.connectors.test_contract import (
    CHANGING,
    ODD_BODIES,
    opened,
    version,
    writing,
)


@pytest.mark.parametrize("body", ["an error inside", "a status inside"])
@writing
async def test_a_write_whose_200_says_no_is_not_believed(
    case: Case, outside: respx.MockRouter, body: str
) -> None:
    """Unknown, or the target as it reads right after: which is as it was before."""
    case.answer(outside)
    for method in CHANGING:
        outside.route(method=method).mock(return_value=ODD_BODIES[body])
    assert case.write is not None
    async with opened(case) as port:
        seen = await version(case, port)
        try:
            now: Any = await case.write(port, seen)
        except OutcomeUnknown:
            return
    assert seen == now.version
