"""The trace of a thread, as its run looks."""

from dataclasses import replace

import pytest

from gateway import reading
from gateway.gate import RefusedCall
from gateway.ports import Unreadable
from gateway.tokens import RunClaims
from policy.lifecycle import TaskEvent
from tests.gateway.outside import SERVICE
from tests.gateway.world import DASHBOARD, World
from wire.tools import ToolCall

ASKED = ToolCall(step="s", params={"dashboard_id": f"{SERVICE}-overview"})


async def shown(world: World, claims: RunClaims) -> tuple[bool, list[str]]:
    """Give whether the newest trace says that it is done, and each look's state."""
    [row] = await world.rows(
        "SELECT payload FROM outbox WHERE task_id = :task AND slot = 'trace'"
        " ORDER BY version DESC LIMIT 1",
        task=claims.task_id,
    )
    looks = row["payload"]["looks"]
    return row["payload"]["done"], [look["state"] for look in looks]


async def test_a_read_is_shown_while_it_runs(world: World) -> None:
    """Whoever waits sees what it waits for; then that it has come."""
    claims = await world.start()
    inner = world.outside.metrics.service_series
    seen = []

    class Slow:
        async def service_series(
            self, service: str, *, start_at: float, end_at: float
        ) -> object:
            seen.append(await shown(world, claims))
            return await inner(service, start_at=start_at, end_at=end_at)

    ports = replace(world.gate.ports, metrics=Slow())  # type: ignore[arg-type]
    await reading.call_tool(replace(world.gate, ports=ports), claims, DASHBOARD, ASKED)

    assert (False, ["started"]) == seen[0]
    assert (False, ["completed"]) == await shown(world, claims)


async def test_a_read_that_fails_is_shown(world: World) -> None:
    """At once, not with the next that succeeds."""
    world.outside.metrics.error = Unreadable("HTTP 502")
    claims = await world.start()
    with pytest.raises(RefusedCall):
        await reading.call_tool(world.gate, claims, DASHBOARD, ASKED)

    assert (False, ["failed"]) == await shown(world, claims)


async def test_a_read_that_outlives_its_run_says_no_more(world: World) -> None:
    """The trace ended with the run; a late failure does not open it again."""
    claims = await world.start()

    class Late:
        async def service_series(
            self, service: str, *, start_at: float, end_at: float
        ) -> object:
            await world.move(claims.task_id, TaskEvent.run_crashed)
            raise Unreadable(f"HTTP 502 for {service} {start_at} {end_at}")

    ports = replace(world.gate.ports, metrics=Late())  # type: ignore[arg-type]
    gate = replace(world.gate, ports=ports)
    with pytest.raises(RefusedCall):
        await reading.call_tool(gate, claims, DASHBOARD, ASKED)

    assert (True, ["started"]) == await shown(world, claims)


@pytest.mark.parametrize(
    ("tool", "params"), [("get_unknown", {"x": 1}), (DASHBOARD, {"dashboard": "x"})]
)
async def test_a_read_that_nobody_understands_is_shown(
    world: World, tool: str, params: dict[str, object]
) -> None:
    """Before any policy is asked; not once its run is over."""
    claims = await world.start()
    asked = ToolCall(step="s", params=params)
    with pytest.raises(RefusedCall):
        await reading.call_tool(world.gate, claims, tool, asked)
    while_it_runs = await shown(world, claims)
    await world.move(claims.task_id, TaskEvent.run_crashed)
    with pytest.raises(RefusedCall):
        await reading.call_tool(world.gate, claims, tool, asked)
    afterwards = await shown(world, claims)

    assert (False, ["refused"]) == while_it_runs
    assert (True, ["refused"]) == afterwards


async def test_a_read_that_is_refused_is_shown(world: World) -> None:
    """At once, too: whoever waits sees why nothing comes."""
    claims = await world.start()
    agent = replace(world.gate.agent("reliability-triage", 1), tool_calls=0)
    gate = replace(world.gate, agents={(agent.name, agent.version): agent})
    with pytest.raises(RefusedCall):
        await reading.call_tool(gate, claims, DASHBOARD, ASKED)

    assert (False, ["refused"]) == await shown(world, claims)
