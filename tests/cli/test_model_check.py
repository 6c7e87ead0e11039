"""Doctor's look at the model: absent, well, unknown to the endpoint, without price."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cli.model_check import check_model
from cli.processes import ROOT
from lab.model.server import ModelServer
from policy.errors import PolicyError
from tests.cli.world import Environment
from tests.lab.world import free_socket, port_of, served

MODEL = """\
driver: model
model:
  name: lab-triage
  prompt: You triage.
  budget: {turns: 6, tokens: 60000, seconds: 90, usd: 0.10}
"""


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Give a running endpoint's address."""
    bound = free_socket()
    async with served(ModelServer("k"), bound):
        yield f"http://127.0.0.1:{port_of(bound)}/v1"


@pytest.fixture
def configured(environment: Environment, url: str, tmp_path: Path) -> Environment:
    folder = tmp_path / "with-model" / "reliability-triage"
    folder.mkdir(parents=True)
    text = (ROOT / "agents/reliability-triage/1.yaml").read_text()
    (folder / "1.yaml").write_text(text.replace("driver: playbook\n", MODEL))
    key = Fernet.generate_key().decode()
    environment.set(
        DATABASE_URL_GATEWAY="postgresql://x@127.0.0.1/x",
        GATEWAY_SOCKET_FOLDER=tmp_path,
        TOKEN_PUBLIC_KEY=key,
        PSEUDONYM_KEY="pseudonyms-of-the-tests",
        VAULT_KEY=key,
        REVEAL_KEY=key,
        AGENTS_FOLDER=folder.parent,
        MODEL_BASE_URL=url,
        MODEL_API_KEY="k",
        MODEL_PRIVATE="true",
        MODELS_FILE=ROOT / "lab" / "model" / "models.yaml",
    )
    return environment


async def test_a_model_that_is_known_is_well(configured: Environment) -> None:
    """It is reached as the gateway would reach it."""
    [found] = await check_model()

    assert found.ok
    assert found.text.endswith("lab-triage")
    assert configured is not None


async def test_a_key_that_is_refused_is_said(configured: Environment) -> None:
    """Agents walk their playbooks meanwhile."""
    configured.set(MODEL_API_KEY="other")
    [found] = await check_model()

    assert found.ok is False
    assert "the key is refused" in found.text


async def test_a_model_that_the_endpoint_lacks_is_named(
    configured: Environment, tmp_path: Path
) -> None:
    """It has a price, and is not there."""
    agent = tmp_path / "with-model" / "reliability-triage" / "1.yaml"
    agent.write_text(agent.read_text().replace("lab-triage", "lab-other"))
    models = tmp_path / "models.yaml"
    prices = (ROOT / "lab/model/models.yaml").read_text()
    models.write_text(prices.replace("lab-triage", "lab-other"))
    configured.set(MODELS_FILE=models)
    [found] = await check_model()

    assert found.ok is False
    assert "does not name lab-other" in found.text


async def test_a_model_without_a_price_is_named_with_its_line(
    configured: Environment, tmp_path: Path
) -> None:
    """As the gateway would refuse it at its start."""
    agent = tmp_path / "with-model" / "reliability-triage" / "1.yaml"
    agent.write_text(agent.read_text().replace("lab-triage", "lab-other"))

    with pytest.raises(PolicyError, match=r"1\.yaml:\d+: model lab-other has no price"):
        await check_model()
    assert configured is not None


async def test_agents_that_want_one_miss_it(configured: Environment) -> None:
    """Where none is configured."""
    configured.set(MODEL_BASE_URL="")
    [found] = await check_model()

    assert found.ok is False
    assert "walk their playbooks" in found.text
