"""Processes: what is wrong at their start is said, and not found out at night."""

from typing import cast

import pytest

from cli.processes import WrongEnvironment, check_environment
from gateway.client import GatewayClient


class Served:
    def __init__(self, environment: str) -> None:
        self._environment = environment

    async def environment(self) -> str:
        return self._environment


def gateway(environment: str) -> GatewayClient:
    return cast("GatewayClient", Served(environment))


async def test_a_worker_beside_its_gateway_starts() -> None:
    await check_environment(gateway("prod"), "prod")


async def test_a_worker_of_another_environment_says_so() -> None:
    """It would claim what its gateway refuses, and lose clicks."""
    with pytest.raises(WrongEnvironment, match="GATEWAY_ENVIRONMENT alike"):
        await check_environment(gateway("prod"), "staging")
