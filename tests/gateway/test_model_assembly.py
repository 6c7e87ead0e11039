"""The endpoint's client: its key, its pinned address, and settings that are wrong."""

from pathlib import Path

import pytest
import respx

from gateway.model_assembly import assemble_model, model_connector
from gateway.model_port import ModelFailed
from policy.errors import PolicyError
from policy.model_call import ModelFault
from tests.gateway.test_assembly import settings
from tests.gateway.test_model_catalog import TEXT, written

BODY = {"model": "small"}


async def test_without_an_address_there_is_no_model() -> None:
    """Every agent stays on its playbook; no file is read."""
    async with assemble_model(settings()) as models:
        assert models is None


@pytest.mark.parametrize(
    ("header", "sent"),
    [("Authorization", "Bearer the-key"), ("api-key", "the-key")],
)
async def test_the_key_is_on_the_client_alone(
    tmp_path: Path, header: str, sent: str
) -> None:
    """As a bearer, or under the header that Azure wants."""
    given = settings(
        MODEL_BASE_URL="https://model.test/v1/",
        MODEL_API_KEY="the-key",
        MODEL_KEY_HEADER=header,
        MODELS_FILE=written(tmp_path, TEXT),
    )
    choice = {"message": {"content": "hello"}, "finish_reason": "stop"}
    with respx.mock() as systems:
        route = systems.post("https://model.test/v1/chat/completions")
        route.respond(json={"choices": [choice]})
        async with assemble_model(given) as models:
            assert models is not None
            answer = await models.port.complete(BODY, seconds=5)

    assert "hello" == answer.content
    assert sent == route.calls.last.request.headers[header]
    assert "the-key" not in repr(given)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "192.168.0.1"]
)
async def test_a_private_address_is_refused(tmp_path: Path, address: str) -> None:
    """Whatever the name server says, unless MODEL_PRIVATE allows it."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return [address]

    given = settings(
        MODEL_BASE_URL="https://model.test/v1", MODELS_FILE=written(tmp_path, TEXT)
    )
    async with assemble_model(given, resolve=resolve) as models:
        assert models is not None
        with pytest.raises(ModelFailed, match=address) as failed:
            await models.port.complete(BODY, seconds=5)

    assert (ModelFault.away, False) == (failed.value.fault, failed.value.paid)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://model.test/v1", "plain http shows the credential"),
        ("model.test/v1", "should match pattern"),
        ("https://user:pw@model.test", "should match pattern"),
    ],
)
def test_an_address_that_may_not_be_asked_is_named(url: str, said: str) -> None:
    """The setting, and how to say it."""
    with pytest.raises(PolicyError, match=f"MODEL_BASE_URL.*{said}"):
        model_connector(settings(MODEL_BASE_URL=url))


def test_a_private_endpoint_may_be_plain() -> None:
    """A server of one's own on this host."""
    connector = model_connector(
        settings(MODEL_BASE_URL="http://127.0.0.1:11434/v1", MODEL_PRIVATE="true")
    )

    assert connector.private
