"""What is due goes to the gateway a few at a time, and none stops another."""

import asyncio
from uuid import UUID, uuid4

import pytest

from gateway.client import GatewayAway, GatewayFailed, GatewayRefused
from orchestrator.asking import ask_each
from policy.scope import Scope
from storage.errors import DatabaseUnreachable
from wire.tools import Refusal

SCOPE = Scope("acme", "staging")
AT_ONCE = 4


def rows(count: int) -> list[tuple[Scope, UUID]]:
    return [(SCOPE, uuid4()) for _ in range(count)]


async def test_each_is_asked_once_four_at_a_time() -> None:
    """Scope and id are handed on."""
    due = rows(9)
    asked: list[tuple[Scope, UUID]] = []
    busy = most = 0

    async def ask(scope: Scope, row_id: UUID) -> str:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0)
        asked.append((scope, row_id))
        busy -= 1
        return "ok"

    assert 9 == await ask_each(due, ask, kind="row")
    assert sorted(due, key=str) == sorted(asked, key=str)
    assert AT_ONCE == most


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (GatewayAway("no socket"), 4),
        (GatewayFailed("its own fault"), 9),
        (GatewayRefused(Refusal(code="x", rule="y", message="z")), 9),
        (DatabaseUnreachable("restarting"), 9),
    ],
)
async def test_only_a_gateway_that_is_away_ends_the_asking(
    error: Exception, asked: int
) -> None:
    """A fault or a refusal is that one row's."""
    count = 0

    async def ask(_scope: Scope, _row_id: UUID) -> str:
        nonlocal count
        count += 1
        await asyncio.sleep(0)
        raise error

    assert 0 == await ask_each(rows(9), ask, kind="row")
    assert asked == count
