"""Processes: what is wrong at their start is said, and not found out at night."""

from typing import cast

import pytest

from bot.settings import CourierSettings, WebSettings
from cli.processes import WrongEnvironment, check_environment, slack_client
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


@pytest.mark.parametrize("said", ["true", "false", None])
@pytest.mark.parametrize("settings", [WebSettings, CourierSettings])
async def test_a_process_talks_to_slack_through_the_gate(
    settings: type[WebSettings | CourierSettings], said: str | None
) -> None:
    """Strict where it is set so; nobody who sets nothing meets an exception."""
    fields = {
        "DATABASE_URL_WEB": "unused",
        "DATABASE_URL_COURIER": "unused",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s",
        "PSEUDONYM_KEY": "pseudonyms-of-the-tests",
        "REVEAL_KEY": "cmV2ZWFscy1vZi10aGUtdGVzdHMtMzItYnl0ZXMtbG8=",
        **({"OUTBOUND_STRICT": said} if said else {}),
    }
    async with slack_client(settings.model_validate(fields)) as client:
        assert (said == "true", "xoxb-1") == (client.gate.strict, client.token)
