"""Whether the endpoint answers, asked as the gateway would."""

import httpx
import pytest
import respx

from gateway.model_probing import ModelProbed, probe_model
from tests.gateway.test_assembly import settings

URL = "https://model.test/v1"


async def probed(answer: httpx.Response | Exception) -> ModelProbed:
    with respx.mock() as systems:
        systems.get(f"{URL}/models").mock(side_effect=[answer])
        found = await probe_model(settings(MODEL_BASE_URL=URL, MODEL_API_KEY="k"))
    assert found is not None
    return found


async def test_it_lists_its_models() -> None:
    """And what agents want that is not among them."""
    found = await probed(httpx.Response(200, json={"data": [{"id": "a"}, {"id": "b"}]}))

    assert ("", ("a", "b")) == (found.error, found.names)
    assert ["c"] == found.missing({"a", "c"})


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404), httpx.Response(200, text="hello"),
     httpx.Response(200, json={"models": []})],
    ids=["404", "text", "shape"],
)  # fmt: skip
async def test_an_endpoint_need_not_list_them(answer: httpx.Response) -> None:
    """It answered: then nothing is missing."""
    found = await probed(answer)

    assert ("", None, []) == (found.error, found.names, found.missing({"a"}))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401), "MODEL_API_KEY"),
        (httpx.Response(503), "HTTP 503"),
        (httpx.ConnectError("refused"), "ConnectError: refused"),
    ],
)
async def test_what_is_wrong_is_said(
    answer: httpx.Response | Exception, said: str
) -> None:
    """With the setting that mends it, where there is one."""
    assert said in (await probed(answer)).error


async def test_without_an_address_nothing_is_asked() -> None:
    """There is no endpoint."""
    assert await probe_model(settings()) is None
