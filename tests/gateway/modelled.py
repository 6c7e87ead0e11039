"""A gateway whose agent has a model: an endpoint of the tests' own behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from pydantic import JsonValue

from gateway import model
from gateway.gate import RefusedCall
from gateway.model_catalog import DailyLimits, ModelFile, Models, ModelTerms
from gateway.model_port import CalledTool, Completion, Usage
from gateway.tokens import RunClaims
from tests.gateway.world import AGENT, World
from wire.model import ChatRequest, ModelDefinition, ModelLimits

MODEL = "small"
LIMITS = ModelLimits(turns=4, tokens=20_000, seconds=60, usd=0.05)
DAY = DailyLimits(turns=100, tokens=10**6, seconds=3600, usd=Decimal(1))
TERMS = ModelTerms(
    input_usd_per_million=Decimal("0.5"),
    output_usd_per_million=Decimal(2),
    context_tokens=16_000,
)
LOOK = CalledTool("get_dashboard_snapshot", '{"dashboard_id": "discourse-overview"}')
ANSWER = Completion(MODEL, "I look.", (LOOK,), "tool_calls", Usage(700, 40))
COST_MICROUSD = 350 + 80


@dataclass
class FakeModel:
    """Gives its answers in order, the last one again and again; keeps what it got."""

    answers: list[Completion | BaseException] = field(default_factory=lambda: [ANSWER])
    bodies: list[Mapping[str, JsonValue]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    async def complete(
        self, body: Mapping[str, JsonValue], *, seconds: float
    ) -> Completion:
        self.bodies.append(body)
        self.seconds.append(seconds)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, BaseException):
            raise given
        return given


def with_model(
    world: World,
    port: FakeModel,
    *,
    limits: ModelLimits = LIMITS,
    day: DailyLimits = DAY,
    terms: ModelTerms = TERMS,
) -> World:
    """Give the same world; its agent asks ``port``."""
    definition = ModelDefinition(
        name=MODEL, prompt="You triage {service}.", budget=limits, temperature=0.0
    )
    agent = replace(world.gate.agent(AGENT, 1), model=definition)
    models = Models(port, ModelFile(models={MODEL: terms}, tenant_per_day=day), 30.0)
    gate = replace(
        world.gate, agents={**world.gate.agents, (AGENT, 1): agent}, models=models
    )
    return replace(world, gate=gate)


def question(step: str = "t1", text: str = "What is wrong?") -> ChatRequest:
    return ChatRequest(step=step, messages=[{"role": "user", "content": text}])


async def ask(
    world: World, claims: RunClaims, step: str = "t1", text: str = "What is wrong?"
) -> dict[str, JsonValue]:
    return await model.complete(world.gate, claims, question(step, text))


async def refused(world: World, claims: RunClaims, *given: str) -> RefusedCall:
    with pytest.raises(RefusedCall) as exc:
        await ask(world, claims, *given)
    return exc.value


async def spent(world: World) -> list[tuple[object, ...]]:
    rows = await world.rows(
        "SELECT step, state, fault, cost_microusd FROM model_calls"
        " ORDER BY begun_at, id"
    )
    return [tuple(row.values()) for row in rows]
