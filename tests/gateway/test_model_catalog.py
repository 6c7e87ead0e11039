"""``models.yaml``: prices, names, a tenant's day; and what it refuses."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.agents import Agent, load_agents
from gateway.model_catalog import (
    ModelFile,
    check_models,
    daily_budget,
    expected_tokens,
    load_models,
)
from policy.errors import PolicyError
from tests.gateway.modelled import DAY, TERMS
from tests.gateway.world import AGENTS
from wire.model import ModelDefinition, ModelLimits

TEXT = """\
models:
  small:
    input_usd_per_million: 0.15
    output_usd_per_million: 0.6
    context_tokens: 128000
tenant_per_day: {turns: 10, tokens: 20000, seconds: 300, usd: 2.5}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "models.yaml"
    path.write_text(text)
    return path


def an_agent(folder: Path, name: str) -> Agent:
    agent = load_agents(AGENTS)["reliability-triage", 1]
    path = folder / "1.yaml"
    path.write_text(f"driver: model\nmodel:\n  name: {name}\n")
    limits = ModelLimits(turns=4, tokens=9000, seconds=60, usd=0.1)
    model = ModelDefinition(name=name, prompt="x", budget=limits)
    return replace(agent, path=path, model=model)


def test_prices_are_exact(tmp_path: Path) -> None:
    """As written, not as a float holds them."""
    file = load_models(written(tmp_path, TEXT))

    assert Decimal("0.15") == file.models["small"].price.input_usd
    assert 2_500_000 == daily_budget(file.tenant_per_day).microusd


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    output_usd_per_million: 0.6\n", "", "output_usd_per_million: Field req"),
        ("0.15", "-1", "input_usd_per_million: Input should be greater"),
        ("turns: 10, ", "", "tenant_per_day.turns: Field required"),
        ("context_tokens", "context", "context_tokens: Field required"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """With its line: a price can't be left out."""
    with pytest.raises(PolicyError, match=said):
        load_models(written(tmp_path, TEXT.replace(old, new)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Once an endpoint is configured, it has to be there."""
    with pytest.raises(PolicyError, match="take MODEL_BASE_URL away"):
        load_models(tmp_path / "models.yaml")


def test_a_model_without_a_price_is_refused(tmp_path: Path) -> None:
    """With the line of the agent's file that names it; one with a price is not."""
    path = Path("models.yaml")
    file = ModelFile(models={"small": TERMS}, tenant_per_day=DAY)
    check_models(file, [an_agent(tmp_path, "small")], path=path)

    with pytest.raises(PolicyError, match=r"1\.yaml:3: model large has no price"):
        check_models(file, [an_agent(tmp_path, "large")], path=path)


def test_which_names_are_a_models() -> None:
    """Its own, one with a version, one that the file names, and none at all."""
    terms = TERMS.model_copy(update={"answers_as": ("org/small",)})
    names = ("small", "small-2026", "org/small", "", "smaller", "large")

    assert [True, True, True, True, False, False] == [
        terms.is_named(one, name="small") for one in names
    ]


def test_tokens_are_expected_from_bytes() -> None:
    """A third of them, and one more."""
    assert [1, 34, 34] == [expected_tokens(one) for one in ("", "a" * 99, "é" * 50)]
