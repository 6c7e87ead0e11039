"""The gateway's world, and strings of one's own: ``make redteam STRINGS=FILE``."""

import pytest

from tests.gateway.conftest import (
    environment,
    keys,
    numbers,
    outside,
    release,
    scope,
    urls,
    world,
)

__all__ = [
    "environment",
    "keys",
    "numbers",
    "outside",
    "release",
    "scope",
    "urls",
    "world",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--strings", default="", help="JSONL rows with `text`")
