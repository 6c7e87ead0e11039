"""
``models.yaml``: the models that may be asked, their prices, a tenant's daily budget.

A model that is not in the file is not asked: what has no price has no budget either.
One that costs nothing says so with a price of 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.agents import Agent
from gateway.connector_kinds import Strict
from gateway.model_meter import ModelMeter
from gateway.model_port import ModelPort
from gateway.optional_file import read_named
from policy.errors import PolicyError
from policy.model_call import ModelBudget, Price
from policy.yaml_text import parse_yaml

MICROUSD_A_DOLLAR = 1_000_000
# What a text of JSON and English has at least, by the tokenizers in use.
_BYTES_A_TOKEN = 3


class ModelTerms(Strict):
    """
    One model: prices in US dollars for a million tokens.

    ``answers_as``: what else it may call itself in its answers, beside its name and
    its name with a dash and a version. ``limit_param`` is the param by which this
    endpoint takes the most tokens of an answer.
    """

    input_usd_per_million: Decimal = Field(ge=0, le=10_000)
    output_usd_per_million: Decimal = Field(ge=0, le=10_000)
    context_tokens: int = Field(ge=2000, le=10_000_000)
    answers_as: tuple[str, ...] = ()
    limit_param: Literal["max_completion_tokens", "max_tokens"] = (
        "max_completion_tokens"
    )

    @property
    def price(self) -> Price:
        return Price(self.input_usd_per_million, self.output_usd_per_million)

    def is_named(self, answered: str, *, name: str) -> bool:
        """Tell whether an answer is of this model; one without a name is."""
        return answered in {"", name, *self.answers_as} or answered.startswith(
            f"{name}-"
        )


class DailyLimits(Strict):
    """What one tenant may spend in one environment from midnight to midnight UTC."""

    turns: int = Field(ge=0)
    tokens: int = Field(ge=0)
    seconds: int = Field(ge=0)
    usd: Decimal = Field(ge=0)


class ModelFile(Strict):
    models: dict[str, ModelTerms] = Field(default_factory=dict)
    tenant_per_day: DailyLimits


@dataclass(frozen=True, slots=True)
class Models:
    """The endpoint, and what may be asked of it; ``deadline_seconds`` of one answer."""

    port: ModelPort
    file: ModelFile
    deadline_seconds: float
    meter: ModelMeter = field(default_factory=ModelMeter)


def load_models(path: Path) -> ModelFile:
    """
    Load ``models.yaml``.

    Raises:
        PolicyError: with file, line and mend.
    """
    mend = "write it as docs/models.md shows, or take MODEL_BASE_URL away"
    text = read_named(path, mend=mend)
    return parse_yaml(text, ModelFile, path=str(path))


def check_models(file: ModelFile, agents: Iterable[Agent], *, path: Path) -> None:
    """
    Check that every agent's model has its terms.

    Raises:
        PolicyError: with the line of the agent's file that names another.
    """
    for agent in agents:
        if agent.model is None or agent.model.name in file.models:
            continue
        lines = agent.path.read_text(encoding="utf-8").splitlines()
        named = (n for n, line in enumerate(lines, 1) if agent.model.name in line)
        raise PolicyError(
            str(agent.path),
            next(named, 0),
            what=f"model {agent.model.name} has no price in {path}",
            mend=f"add it there, or use one of {', '.join(file.models) or 'none yet'}",
        )


def daily_budget(limits: DailyLimits) -> ModelBudget:
    return ModelBudget(
        "the tenant's day",
        turns=limits.turns,
        tokens=limits.tokens,
        seconds=float(limits.seconds),
        microusd=int(limits.usd * MICROUSD_A_DOLLAR),
    )


def expected_tokens(text: str) -> int:
    """Give about the most tokens that a text has."""
    return len(text.encode()) // _BYTES_A_TOKEN + 1
