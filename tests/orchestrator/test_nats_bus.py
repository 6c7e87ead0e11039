"""Events on NATS, as far as it goes without a server; the rest is in tests/services."""

import socket

import pytest

from orchestrator.bus import BusAway, Message
from orchestrator.nats_bus import NatsBus

SECRET = "of-the-tests"  # noqa: S105


async def test_one_that_is_away_is_named_without_its_password() -> None:
    """By publisher and reader alike; closing what never opened is nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        bus = NatsBus(f"nats://autopilot:{SECRET}@127.0.0.1:{port}")
        with pytest.raises(BusAway, match="nats") as publishing:
            await bus.publish([Message("1", "{}")])
        with pytest.raises(BusAway, match="nats") as reading:
            await anext(bus.follow(beginning=True))
        await bus.close()

    assert SECRET not in f"{publishing.value}{reading.value}"
