"""Build a case's port over a mocked system, and tell what was asked of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import respx

from gateway.assembly import build
from tests.gateway.connectors.cases import CASES, HOST, Case

BY_NAME = {one.name: one for one in CASES}


@asynccontextmanager
async def port_of(name: str, system: respx.MockRouter) -> AsyncIterator[Any]:
    """Give the port of a case, whose reads are answered well."""
    case: Case = BY_NAME[name]
    case.answer(system)
    async with httpx.AsyncClient(base_url=HOST) as client:
        yield build(case.name, case.config, client, {})[case.port]


def asked(system: respx.MockRouter) -> list[str]:
    """Give each request as ``METHOD path?query``."""
    return [
        f"{call.request.method} {call.request.url.raw_path.decode()}"
        for call in system.calls
    ]
