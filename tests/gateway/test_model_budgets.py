"""What a run's questions may cost: each budget, and what counts."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway import reading
from gateway.gate import RefusedCall
from gateway.model_port import ModelFailed, Usage
from policy.model_call import ModelFault
from tests.gateway.modelled import (
    ANSWER,
    DAY,
    LIMITS,
    TERMS,
    FakeModel,
    ask,
    refused,
    spent,
    with_model,
)
from tests.gateway.world import World
from wire.tools import ToolCall

BUSY = ModelFailed(ModelFault.busy, "HTTP 429", paid=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"turns": 2}, "2 turns of the task"),
        ({"tokens": 2500}, "tokens of the task"),
        ({"usd": 0.0035}, "of the task are spent, and up to"),
    ],
)
async def test_a_tasks_budget_ends_it(
    world: World, changes: dict[str, Any], said: str
) -> None:
    """Turns, tokens and dollars; the refusal is kept, and says what to do."""
    port = FakeModel()
    asked = with_model(world, port, limits=LIMITS.model_copy(update=changes))
    claims = await asked.start()
    for number in range(2):
        try:
            await ask(asked, claims, f"t{number}")
        except RefusedCall:
            break
    before = len(port.bodies)
    refusal = await refused(asked, claims, "t9")
    again = await refused(asked, claims, "t9")

    assert ("model_budget_spent", 429) == (refusal.code, refusal.status)
    assert said in refusal.message
    assert refusal.message.endswith("report what is known")
    assert refusal.message == again.message
    assert before == len(port.bodies)


async def test_the_tenants_day_ends_every_task(world: World) -> None:
    """What one task spent is not there for the next; tomorrow it is."""
    port = FakeModel()
    day = DAY.model_copy(update={"usd": Decimal("0.0032")})
    asked = with_model(world, port, day=day)
    await ask(asked, await asked.start())
    refusal = await refused(asked, await asked.start())
    await asked.database_change(
        "UPDATE model_calls SET begun_at = begun_at - interval '1 day'"
        " WHERE tenant_id = :tenant",
        tenant=asked.scope.tenant_id,
    )
    await ask(asked, await asked.start())

    assert "of the tenant's day" in refusal.message
    assert 2 == len(port.bodies)


async def test_seconds_bound_the_last_question(world: World) -> None:
    """The endpoint has what is left, at most its deadline."""
    port = FakeModel()
    asked = with_model(world, port, limits=LIMITS.model_copy(update={"seconds": 12}))
    await ask(asked, await asked.start())

    assert [12.0] == port.seconds


async def test_a_question_that_is_too_long_is_not_asked(world: World) -> None:
    """It says how much the model takes."""
    port = FakeModel()
    terms = TERMS.model_copy(update={"context_tokens": 2000})
    asked = with_model(world, port, terms=terms)
    refusal = await refused(asked, await asked.start(), "t1", "x" * 6000)

    assert "takes 2000 tokens in all" in refusal.message
    assert [] == port.bodies


async def test_what_the_endpoint_did_not_count_is_expected(world: World) -> None:
    """Its most is taken, so that no budget is spent unseen."""
    asked = with_model(world, FakeModel([replace(ANSWER, usage=None)]))
    await ask(asked, await asked.start())
    [(*_, cost)] = await spent(asked)

    assert int(str(cost)) > 2 * 1500


async def test_questions_and_reads_are_counted_apart(world: World) -> None:
    """A model's turns take nothing from the run's tool calls."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    for number in range(3):
        await ask(asked, claims, f"t{number}")
    call = ToolCall(step="s", params={"dashboard_id": "discourse-overview"})

    assert await reading.call_tool(asked.gate, claims, "get_dashboard_snapshot", call)


async def test_a_run_can_not_fill_the_ledger_with_refusals(world: World) -> None:
    """Past a hundred more than its turns nothing is written."""
    asked = with_model(world, FakeModel(), limits=LIMITS.model_copy(
        update={"usd": 0.0}
    ))  # fmt: skip
    claims = await asked.start()
    for number in range(LIMITS.turns + 103):
        await refused(asked, claims, f"t{number}")

    assert LIMITS.turns + 100 == len(await spent(asked))


async def test_usage_of_zero_is_usage(world: World) -> None:
    """An endpoint that counts nothing at all is believed."""
    asked = with_model(world, FakeModel([replace(ANSWER, usage=Usage(0, 0))]))
    await ask(asked, await asked.start())

    assert [("t1", "answered", None, 0)] == await spent(asked)


async def test_what_was_not_answered_costs_nothing(world: World) -> None:
    """A busy endpoint took the question from nobody's budget but the turns'."""
    asked = with_model(world, FakeModel([BUSY]))
    await refused(asked, await asked.start())

    assert [("t1", "failed", "busy", 0)] == await spent(asked)
