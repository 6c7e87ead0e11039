"""A run's questions to its model: paid once, counted before, kept before told."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from gateway import model, veil
from gateway.gate import RefusedCall
from gateway.model_port import Completion, ModelFailed
from gateway.redaction.find import Walk, find
from gateway.redaction.span import Policy, Span
from gateway.tokens import RunClaims
from policy.lifecycle import TaskEvent
from policy.model_call import ModelFault
from storage.steps import Effect, Step
from tests.faults import KillAt, Killed
from tests.gateway.modelled import (
    ANSWER,
    COST_MICROUSD,
    LIMITS,
    MODEL,
    TERMS,
    FakeModel,
    ask,
    question,
    refused,
    spent,
    with_model,
)
from tests.gateway.world import World, bearer

STALLED = ModelFailed(ModelFault.stalled, "silent for 20 s", paid=True)
BUSY = ModelFailed(ModelFault.busy, "HTTP 429", paid=False)


def message_of(answer: dict[str, Any]) -> dict[str, Any]:
    found = answer["choices"][0]["message"]
    assert isinstance(found, dict)
    return found


async def test_an_answer_comes_back_in_openais_shape(world: World) -> None:
    """With calls that are numbered within the run, and what it used."""
    port = FakeModel()
    asked = with_model(world, port)
    answer = await ask(asked, await asked.start())
    [call] = message_of(answer)["tool_calls"]

    assert "t1.1" == call["id"]
    assert "get_dashboard_snapshot" == call["function"]["name"]
    assert {"dashboard_id": "discourse-overview"} == json.loads(
        call["function"]["arguments"]
    )
    assert {"prompt_tokens": 700, "completion_tokens": 40, "total_tokens": 740} == (
        answer["usage"]
    )


async def test_the_definition_chooses_model_and_params(world: World) -> None:
    """The run says neither; the endpoint is asked to stream."""
    port = FakeModel()
    asked = with_model(world, port)
    await ask(asked, await asked.start())
    [body] = port.bodies

    assert MODEL == body["model"]
    assert (1500, 0.0, True) == (
        body["max_completion_tokens"],
        body["temperature"],
        body["stream"],
    )


async def test_the_same_step_is_paid_once(world: World) -> None:
    """Whoever holds the run by then is told the same."""
    port = FakeModel()
    asked = with_model(world, port)
    claims = await asked.start()
    answers = [await ask(asked, claims) for _ in range(2)]

    assert answers[0] == answers[1]
    assert 1 == len(port.bodies)
    assert [("t1", "answered", None, COST_MICROUSD)] == await spent(asked)


async def test_a_step_asks_one_question(world: World) -> None:
    """Another digest under the same step is refused, and nothing is asked."""
    port = FakeModel()
    asked = with_model(world, port)
    claims = await asked.start()
    await ask(asked, claims)
    refusal = await refused(asked, claims, "t1", "Something else?")

    assert ("step_reused", 409) == (refusal.code, refusal.status)
    assert 1 == len(port.bodies)


async def test_a_failure_is_the_steps_answer_too(world: World) -> None:
    """It is named, costs what was expected if it may be paid, and is not repeated."""
    port = FakeModel([STALLED, ANSWER])
    asked = with_model(world, port)
    claims = await asked.start()
    codes = [(await refused(asked, claims)).code for _ in range(2)]
    [(_, state, fault, cost)] = await spent(asked)

    assert ["model_stalled"] * 2 == codes
    assert ("failed", "stalled") == (state, fault)
    assert int(str(cost)) > 2 * 1500
    assert 1 == len(port.bodies)


async def test_a_long_answer_is_searched_aside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its transaction, in which only what is known by then is put in place."""
    by_loop: list[int] = []

    def noted(text: str, *, policy: Policy, walk: Walk | None = None) -> list[Span]:
        if threading.current_thread() is threading.main_thread():
            by_loop.append(len(text))
        return find(text, policy=policy, walk=walk)

    monkeypatch.setattr("gateway.redaction.walked.find", noted)
    words = "Maria Lopez, Street 12, maria@example.com "
    long = replace(ANSWER, content=words * 3000)
    asked = with_model(world, FakeModel([long]))
    answer = await ask(asked, await asked.start())

    assert max(by_loop, default=0) < len(words)
    assert 3000 == message_of(answer)["content"].count("⟨email:1⟩")


async def test_an_answer_that_takes_too_long_to_search_is_paid_and_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is kept but that it failed, and what it cost."""
    monkeypatch.setattr(veil, "SEARCH_SECONDS", 0.0)
    long = replace(ANSWER, content="x" * 200_000)
    asked = with_model(world, FakeModel([long]))
    refusal = await refused(asked, await asked.start())

    assert "model_over_length" == refusal.code
    assert [("t1", "failed", "over_length", COST_MICROUSD)] == await spent(asked)


async def test_what_leaves_is_redacted(world: World) -> None:
    """Persons and secrets that a run puts into its question stay here."""
    port = FakeModel()
    asked = with_model(world, port)
    text = "Mail ada.lovelace@example.com, password=hunter2horse"
    await ask(asked, await asked.start(), "t1", text)
    sent = json.dumps(port.bodies[0], ensure_ascii=False)

    assert "ada.lovelace" not in sent
    assert "hunter2horse" not in sent
    assert "⟨email:" in sent


async def test_tool_schemas_leave_as_they_are(world: World) -> None:
    """Redaction takes nothing from what the registry says, of any tool."""
    port = FakeModel()
    asked = with_model(
        world, port, limits=LIMITS.model_copy(update={"tokens": 10**6}),
        terms=TERMS.model_copy(update={"context_tokens": 10**6}),
    )  # fmt: skip
    tools: list[dict[str, Any]] = [
        {
            "type": "function",
            "function": {"name": one.name, "parameters": dict(one.params_schema)},
        }
        for one in world.gate.registry.specs
    ]
    request = question().model_copy(update={"tools": tools})
    await model.complete(asked.gate, await asked.start(), request)

    assert tools == port.bodies[0]["tools"]


async def test_ledger_and_log_hold_no_content(world: World) -> None:
    """Digests, tokens and cost; not a word of question or answer."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    await ask(asked, claims)
    [entry] = await asked.events(claims.task_id, "task.model_answered")

    assert (700, 40, COST_MICROUSD) == tuple(
        entry[name] for name in ("input_tokens", "output_tokens", "cost_microusd")
    )
    assert len(str(entry["request"])) == len(str(entry["answer"])) == 64
    assert "look" not in json.dumps(entry)


async def test_another_model_is_refused(world: World) -> None:
    """A run can't choose; nor may the endpoint."""
    other = replace(ANSWER, model="another-model")
    asked = with_model(world, FakeModel([other]))
    claims = await asked.start()
    request = question().model_copy(update={"model": "large"})
    with pytest.raises(RefusedCall) as chosen:
        await model.complete(asked.gate, claims, request)
    answered = await refused(asked, claims)

    assert ("other_model", 403) == (chosen.value.code, chosen.value.status)
    assert "model_wrong_model" == answered.code
    assert "another-model answered, not small" in answered.message


async def test_a_version_of_the_model_is_the_model(world: World) -> None:
    """As endpoints name what they run."""
    dated = replace(ANSWER, model="small-2026-01-31")
    asked = with_model(world, FakeModel([dated]))

    assert await ask(asked, await asked.start())


async def test_an_agent_without_a_model_asks_none(world: World) -> None:
    """Nor does one whose endpoint is not configured."""
    claims = await world.start()
    without = await refused(world, claims)
    asked = with_model(world, FakeModel())
    unset = replace(asked, gate=replace(asked.gate, models=None))
    absent = await refused(unset, claims)

    assert "no_model" == without.code
    assert "model_absent" == absent.code
    assert "MODEL_BASE_URL" in absent.message


async def test_a_run_that_lost_its_task_asks_nothing(world: World) -> None:
    """Fence and state are checked before anything is counted."""
    port = FakeModel()
    asked = with_model(world, port)
    claims = await asked.start()
    await asked.move(claims.task_id, TaskEvent.run_awaits_person)
    refusal = await refused(asked, claims)

    assert ("lease_lost", 410) == (refusal.code, refusal.status)
    assert [] == port.bodies


async def test_a_question_under_way_is_waited_for(world: World) -> None:
    """A second asker is told to wait; the first one's answer is then both's."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    port = _Nested(asked, claims)
    nested = replace(
        asked,
        gate=replace(asked.gate, models=replace(_models(asked), port=port)),
    )
    port.world = nested
    await ask(nested, claims)

    assert "model_under_way" == port.meanwhile
    assert await ask(nested, claims)


class _Nested:
    """Asks the same step again while it is being asked."""

    def __init__(self, world: World, claims: RunClaims) -> None:
        self.world, self.claims, self.meanwhile = world, claims, ""

    async def complete(self, _body: object, *, seconds: float) -> Completion:
        del seconds
        self.meanwhile = (await refused(self.world, self.claims)).code
        return ANSWER


def _models(world: World) -> Any:
    assert world.gate.models is not None
    return world.gate.models


@pytest.mark.parametrize(
    ("point", "lost"),
    [
        (f"before:{Step.begin_model_call}", False),
        (f"after:{Step.begin_model_call}", True),
        (f"before:{Effect.model_call}", True),
        (f"after:{Effect.model_call}", True),
        (f"before:{Step.finish_model_call}", True),
        (f"after:{Step.finish_model_call}", False),
    ],
)
async def test_a_gateway_that_dies_never_pays_twice(
    world: World, point: str, *, lost: bool
) -> None:
    """A question whose end nobody saw is given up, and stays counted as paid."""
    port = FakeModel()
    asked = with_model(world, port)
    claims = await asked.start()
    kill = KillAt(point)
    with pytest.raises(Killed):
        await ask(asked.killed_at(kill), claims)
    assert kill.reached
    if lost:
        assert "model_under_way" == (await refused(asked, claims)).code
        asked.database.clock.move(seconds=40)
        refusal = await refused(asked, claims)
        assert "model_lost" == refusal.code
        [entry] = await asked.events(claims.task_id, "task.model_failed")
        assert "lost" == entry["fault"]
        assert int(str(entry["cost_microusd"])) > 2 * 1500
    else:
        assert await ask(asked, claims)
    assert len(port.bodies) <= 1


async def test_an_answer_that_was_paid_is_kept_though_the_task_is_anothers(
    world: World,
) -> None:
    """The run's next holder is told it without a second payment."""
    port = FakeModel()
    asked = with_model(world, port)
    claims = await asked.start()
    await ask(asked, claims)
    await asked.database_change(
        "UPDATE tasks SET fence = fence + 1 WHERE id = :id", id=claims.task_id
    )
    later = replace(claims, fence=claims.fence + 1)

    assert await ask(asked, later)
    assert 1 == len(port.bodies)


async def test_through_the_door(world: World) -> None:
    """As the runner's client asks it: a token, a body, an answer or a refusal."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    body = question().model_dump(mode="json")
    path = "/v1/model/chat/completions"
    async with asked.runner_door() as door:
        headers = bearer(asked.token(claims))
        good = await door.post(path, json=body, headers=headers)
        other = await door.post(path, json={**body, "stream": True}, headers=headers)
        stranger = await door.post(path, json=body)

    assert (200, 422, 401) == (
        good.status_code,
        other.status_code,
        stranger.status_code,
    )


async def test_the_root_message_says_what_it_cost(world: World) -> None:
    """So far, over all questions; the next step that people see stays."""
    asked = with_model(world, FakeModel())
    claims = await asked.start()
    for step in ("t1", "t2"):
        await ask(asked, claims, step)
    task = await asked.task(claims.task_id)
    [root] = await asked.rows(
        "SELECT payload FROM outbox WHERE slot = 'root' AND task_id = :task"
        " ORDER BY version DESC LIMIT 1",
        task=claims.task_id,
    )

    assert 2 * COST_MICROUSD == task.cost_microusd
    assert 2 * COST_MICROUSD == root["payload"]["cost_microusd"]
