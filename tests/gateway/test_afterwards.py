"""Before and after in one picture: once, for people, and never in the way."""

from dataclasses import dataclass, replace
from uuid import UUID

from gateway.afterwards import draw_after
from gateway.ports import NothingSent
from storage import executions
from storage.executions import Execution
from storage.steps import Step
from tests.gateway.outside import SERVICE
from tests.gateway.steps import states, step
from tests.gateway.world import World


async def posted(world: World) -> list[dict[str, object]]:
    rows = await world.rows("SELECT payload FROM outbox WHERE kind = 'after'")
    return [row["payload"] for row in rows]


async def test_a_verified_action_is_shown_before_and_after(world: World) -> None:
    """One picture with its words, posted once, in the thread."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    last = await step(world, proposal)
    [facts] = await posted(world)
    rows = await world.rows("SELECT png, alt FROM pictures WHERE alt LIKE '%action%'")

    assert "succeeded" == last.code
    assert 1 == len(rows)
    assert bytes(rows[0]["png"]).startswith(b"\x89PNG")
    assert f"{SERVICE}, before and after." in rows[0]["alt"]
    assert rows[0]["alt"] == facts["pictures"][0]["alt"]  # type: ignore[index]


@dataclass
class _Silent:
    """Metrics that do not answer."""

    async def service_series(self, *_: object, **__: object) -> object:
        raise NothingSent("away")


async def test_what_can_not_be_drawn_is_in_nobodys_way(world: World) -> None:
    """The action is verified all the same."""
    proposal = await world.approved()
    await step(world, proposal)
    execution = await last_of(world, proposal.id)
    ports = replace(world.gate.ports, metrics=_Silent())  # type: ignore[arg-type]

    assert await draw_after(ports, SERVICE, execution, alert_at=None) is None
    assert await draw_after(world.gate.ports, None, execution, alert_at=None) is None
    assert "verifying" == (await states(world, proposal))[0]


async def last_of(world: World, proposal_id: UUID) -> Execution:
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        found = await executions.find_last(tx, proposal_id)
    assert found is not None
    return found


async def test_what_did_not_help_has_no_picture(world: World) -> None:
    """It is undone; its thread has enough to say."""
    proposal = await world.approved()
    await step(world, proposal)
    world.database.clock.move(seconds=91)
    last = await step(world, proposal)

    assert "failed" == last.code
    assert [] == await posted(world)
