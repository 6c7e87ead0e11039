"""Reads are repeated at once here: what is tested is that, not how long they wait."""

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Keep the attempts of each caller, without the time between them."""
    with stamina.set_testing(testing=True, attempts=10, cap=True):
        yield
