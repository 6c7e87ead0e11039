"""What a run may know of its model."""

from gateway.model_view import view_model
from gateway.tokens import RunClaims
from storage.steps import Step
from tests.gateway.modelled import LIMITS, TERMS, FakeModel, ask, with_model
from tests.gateway.world import AGENT, World
from wire.model import ModelView


async def view(world: World, claims: RunClaims) -> ModelView | None:
    task = await world.task(claims.task_id)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        return await view_model(world.gate, tx, world.gate.agent(AGENT, 1), task)


async def test_the_prompt_is_filled_in(world: World) -> None:
    """With trusted words of the task; turns are what its earlier runs left."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    before = await view(asked, claims)
    await ask(asked, claims)
    after = await view(asked, claims)

    assert before is not None
    assert after is not None
    assert "You triage discourse." == before.prompt
    assert (LIMITS.turns, LIMITS.turns - 1) == (before.turns, after.turns)


async def test_results_have_the_room_that_the_context_leaves(world: World) -> None:
    """Never more than half of the task's tokens, so that there is a second turn."""
    claims = await world.start()
    small = TERMS.model_copy(update={"context_tokens": 6000})
    views = [
        await view(with_model(world, FakeModel(), terms=one), claims)
        for one in (small, TERMS)
    ]

    assert [1500, 13_500] == [one.most_characters for one in views if one is not None]


async def test_without_a_model_there_is_no_view(world: World) -> None:
    """A playbook needs none."""
    assert await view(world, await world.start()) is None
