"""The panel, and the whole way from a breakage to the webhook."""

import asyncio
import json
import time

from tests.lab.world import WEBHOOK_TOKEN, World, world_of


async def test_break_and_heal(world: World) -> None:
    """The state names what is broken, and heal ends it."""
    broken = await world.post("/lab/break", {"kind": "bad_flag"})
    seen = (await world.http.get("/lab/platform")).json()
    healed = await world.post("/lab/heal", {})

    assert ["bad_flag"] == broken.json()["broken"] == seen["broken"]
    assert [] == healed.json()["broken"]
    assert 180 == len(seen["history"]["discourse"]["error_ratio"])
    assert 422 == (await world.post("/lab/break", {"kind": "rain"})).status_code


async def webhooks(world: World, status: str) -> list[str]:
    async with asyncio.timeout(20):
        while True:
            found = [
                str(alert["labels"]["alertname"])
                for received in world.app.received
                if received.path == "/webhooks/alertmanager/lab"
                for alert in json.loads(received.body)["alerts"]
                if alert["status"] == status
            ]
            if "HighErrorRate" in found:
                return found
            await asyncio.sleep(0.05)


async def test_a_breakage_reaches_the_app_and_so_does_its_end() -> None:
    """HighErrorRate fires within seconds, and resolves after healing."""
    async with world_of(time.time, scale=20) as world:
        await world.post("/lab/break", {"kind": "bad_flag"})
        await webhooks(world, "firing")
        await world.post("/lab/heal", {})
        await webhooks(world, "resolved")

        received = world.app.received[0]
        alerts = (await world.http.get("/lab/alerts")).json()
    assert f"Bearer {WEBHOOK_TOKEN}" == received.headers["authorization"]
    assert alerts["attempts"]
