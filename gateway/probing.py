"""Whether the configured systems can be reached: one look at each one's root."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import httpx

from gateway.assembly import describe, open_client
from gateway.connector_kinds import AnyConnector, PortName
from gateway.ports import ConnectorError
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Reached:
    """``error`` is empty where the system answered, with whatever status."""

    name: str
    url: str
    error: str


@dataclass(frozen=True, slots=True)
class Probed:
    """``unserved`` are the ports of which tools will say that nobody serves them."""

    systems: tuple[Reached, ...]
    unserved: tuple[str, ...]


async def probe(settings: GatewaySettings, secrets: Mapping[str, str]) -> Probed:
    """
    Ask each system once, at the same time, as the gateway would reach it.

    Raises:
        PolicyError: connectors.yaml does not load, or names a secret that is not set.
    """
    found = describe(settings, secrets)
    systems = await asyncio.gather(
        *(_ask(one.name, one.config, one.secrets) for one in found)
    )
    served = {port for one in found for port in one.ports}
    every = set(get_args(PortName))
    return Probed(tuple(systems), tuple(sorted(every - served)))


async def _ask(name: str, config: AnyConnector, secrets: Mapping[str, str]) -> Reached:
    try:
        async with (
            open_client(config, secrets) as client,
            asyncio.timeout(config.deadline_seconds),
        ):
            await client.head("/", auth=httpx.Auth())
    except TimeoutError:
        return Reached(name, config.url, f"no answer in {config.deadline_seconds} s")
    except (httpx.HTTPError, ConnectorError, OSError) as exc:
        return Reached(name, config.url, f"{type(exc).__name__}: {exc}")
    return Reached(name, config.url, "")
