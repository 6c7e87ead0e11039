"""What an outside system did instead of answering."""

import pytest

from gateway.connectors.breaker import CircuitOpen
from gateway.ports import Busy, ConnectorError, NothingSent


@pytest.mark.parametrize("error", [ConnectorError, NothingSent, Busy, CircuitOpen])
def test_an_error_says_when_to_come_again(error: type[ConnectorError]) -> None:
    """Nothing, where the system says nothing."""
    assert ("x", 7.0) == (str(error("x")), error("x", retry_after=7).retry_after)
    assert error("x").retry_after is None
