"""The one place that builds connectors, with the credentials of one environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from gateway.absent import absent_ports
from gateway.connectors.http import Api
from gateway.connectors.platform import (
    PlatformFlags,
    PlatformQueues,
    PlatformServices,
    PlatformThrottles,
    PlatformTraces,
)
from gateway.connectors.platform_content import (
    PlatformAppeals,
    PlatformContents,
    PlatformFrictions,
)
from gateway.connectors.platform_data import (
    PlatformAudit,
    PlatformConsumers,
    PlatformPipelines,
)
from gateway.connectors.platform_people import PlatformAccounts, PlatformIdentity
from gateway.connectors.platform_support import (
    PlatformCampaigns,
    PlatformExperiments,
    PlatformTickets,
)
from gateway.connectors.prometheus import Prometheus
from gateway.ports import Ports
from gateway.settings import GatewaySettings


@asynccontextmanager
async def assemble(settings: GatewaySettings) -> AsyncIterator[Ports]:
    """Open the clients of every connector, and close them at the end."""
    async with (
        _client(settings.platform_url, settings.platform_token) as platform,
        _client(settings.prometheus_url, settings.prometheus_token) as prometheus,
    ):
        api = Api("platform", platform)
        yield replace(
            absent_ports(),
            metrics=Prometheus(Api("prometheus", prometheus)),
            catalogue=PlatformServices(api),
            flags=PlatformFlags(api),
            throttles=PlatformThrottles(api),
            queues=PlatformQueues(api),
            traces=PlatformTraces(api),
            accounts=PlatformAccounts(api),
            identity=PlatformIdentity(api),
            contents=PlatformContents(api),
            frictions=PlatformFrictions(api),
            appeals=PlatformAppeals(api),
            consumers=PlatformConsumers(api),
            pipelines=PlatformPipelines(api),
            campaigns=PlatformCampaigns(api),
            tickets=PlatformTickets(api),
            experiments=PlatformExperiments(api),
            audit=PlatformAudit(api),
        )


def _client(base_url: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=httpx.Timeout(8.0, connect=2.0),
        limits=httpx.Limits(max_connections=32),
        follow_redirects=False,
        trust_env=False,
    )
