"""The worker's end of the control socket: what an answer means to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from gateway.tokens import Signer, new_key_pair
from tests.database import Clock
from wire.control import ExecutionRequest

REQUEST = ExecutionRequest(
    tenant_id="t", environment="prod", task_id=UUID(int=1), fence=1
)


@asynccontextmanager
async def door(path: Path, status: int, body: bytes) -> AsyncIterator[list[bytes]]:
    """Answer each request alike; give the heads that came in."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            % (status, len(body), body)
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_unix_server(serve, str(path))
    async with server:
        yield heads


@asynccontextmanager
async def client(path: Path, clock: Clock) -> AsyncIterator[GatewayClient]:
    made = GatewayClient(str(path), Signer(new_key_pair()[0]), clock)
    try:
        yield made
    finally:
        await made.close()


async def test_an_answer_is_read(tmp_path: Path, clock: Clock) -> None:
    """A good body is the answer; the request bears a control token."""
    path = tmp_path / "c.sock"
    body = json.dumps({"code": "idle", "text": "nothing"}).encode()
    async with door(path, 200, body) as heads, client(path, clock) as gateway:
        answer = await gateway.execute(REQUEST)

    assert "idle" == answer.code
    assert b"bearer" in heads[0].lower()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, {"code": "database_away", "rule": "fail-closed", "message": "away"}),
        (500, {"code": "error", "rule": "gateway", "message": "see the log"}),
        (502, "no json at all"),
    ],
)
async def test_a_gateway_in_trouble_is_away(
    tmp_path: Path, clock: Clock, status: int, body: object
) -> None:
    """What may pass is asked again: database away, an error, an unknown answer."""
    path = tmp_path / "c.sock"
    async with (
        door(path, status, json.dumps(body).encode()),
        client(path, clock) as gateway,
    ):
        with pytest.raises(GatewayAway):
            await gateway.execute(REQUEST)


@pytest.mark.parametrize(("status", "code"), [(500, "error"), (503, "database_away")])
async def test_a_fault_of_its_own_is_told_apart(
    tmp_path: Path, clock: Clock, status: int, code: str
) -> None:
    """It may come again and again; what is merely away comes back."""
    path = tmp_path / "c.sock"
    body = {"code": code, "rule": "r", "message": "m"}
    async with door(path, status, json.dumps(body).encode()), client(path, clock) as to:
        with pytest.raises(GatewayAway) as caught:
            await to.execute(REQUEST)

    assert (code == "error") is isinstance(caught.value, GatewayFailed)


async def test_nobody_there_is_away(tmp_path: Path, clock: Clock) -> None:
    """No socket: away, and not up."""
    async with client(tmp_path / "nothing.sock", clock) as gateway:
        with pytest.raises(GatewayAway):
            await gateway.execute(REQUEST)

        assert not await gateway.is_up()


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html>"), (200, b"{}"), (503, b'{"code": "away"}')]
)
async def test_what_can_t_be_read_of_its_health_is_not_up(
    tmp_path: Path, clock: Clock, status: int, body: bytes
) -> None:
    """Nobody is sure that it serves the right environment."""
    path = tmp_path / "c.sock"
    async with door(path, status, body), client(path, clock) as made:
        assert not await made.is_up()


async def test_a_refusal_is_final(tmp_path: Path, clock: Clock) -> None:
    """A typed refusal is given as it came."""
    path = tmp_path / "c.sock"
    body = {"code": "lease_lost", "rule": "fence", "message": "stop"}
    async with door(path, 410, json.dumps(body).encode()), client(path, clock) as to:
        with pytest.raises(GatewayRefused, match="lease_lost") as caught:
            await to.execute(REQUEST)

    assert "fence" == caught.value.refusal.rule


async def test_an_answer_that_can_t_be_read_is_a_fault(
    tmp_path: Path, clock: Clock
) -> None:
    """Of another release's gateway: asked again, and no end of the worker."""
    path = tmp_path / "c.sock"
    body = json.dumps({"code": "of-tomorrow", "text": "ask ann@example.org"}).encode()
    async with door(path, 200, body), client(path, clock) as made:
        with pytest.raises(GatewayFailed, match="no ExecutionAnswer: code") as caught:
            await made.execute(REQUEST)

    assert "tomorrow" not in str(caught.value)
    assert "ann@" not in str(caught.value)
