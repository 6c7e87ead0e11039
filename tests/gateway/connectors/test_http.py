"""One outside system over HTTP: what each answer, and each silence, means."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.ports import NothingSent, OutcomeUnknown, Refused, StateMoved, Unreadable

URL = "http://platform.test"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Api("platform", client)


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


async def put(api: Api) -> object:
    return await api.write("/f", {"on": False}, seen_version=7, idempotency_key="k1")


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout]
)
async def test_no_connection_sent_nothing(
    api: Api, system: respx.MockRouter, error: type[httpx.TransportError]
) -> None:
    """Before a connection stands no effect can be: safe to repeat."""
    system.put("/f").mock(side_effect=error("no"))

    with pytest.raises(NothingSent, match=error.__name__):
        await put(api)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
    ],
)
async def test_silence_after_sending_is_unknown(
    api: Api, system: respx.MockRouter, error: type[httpx.TransportError]
) -> None:
    """Once a byte may have left, the effect may be there."""
    system.put("/f").mock(side_effect=error("no"))

    with pytest.raises(OutcomeUnknown, match=error.__name__):
        await put(api)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(412), StateMoved),
        (httpx.Response(400, text="bad"), Refused),
        (httpx.Response(401), Refused),
        (httpx.Response(404), Refused),
        (httpx.Response(409), Refused),
        (httpx.Response(422), Refused),
        (httpx.Response(429), Refused),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(502), OutcomeUnknown),
        (httpx.Response(504), OutcomeUnknown),
        (httpx.Response(200, text="<html>"), OutcomeUnknown),
        (httpx.Response(204), OutcomeUnknown),
        (httpx.Response(200, content=b"\xff\xfe"), OutcomeUnknown),
        (httpx.Response(302, headers={"location": "/x"}), OutcomeUnknown),
    ],
)
async def test_an_answer_to_a_write_is_read(
    api: Api,
    system: respx.MockRouter,
    answer: httpx.Response,
    expected: type[Exception],
) -> None:
    """412 moved, other 4xx refused, the rest unknown: never a guess at success."""
    system.put("/f").mock(return_value=answer)

    with pytest.raises(Exception, match="platform") as caught:
        await put(api)
    assert expected is type(caught.value)


async def test_a_write_is_conditional_and_keyed(
    api: Api, system: respx.MockRouter
) -> None:
    """The version seen and the idempotency key go with the request."""
    route = system.put("/f").respond(json={"version": 8})
    answer = await put(api)
    sent = route.calls.last.request

    assert {"version": 8} == answer
    assert ("7", "k1") == (sent.headers["if-match"], sent.headers["idempotency-key"])


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="no such flag"),
        httpx.Response(500),
        httpx.Response(200, text="<html>sign in</html>"),
        httpx.Response(200, content=b"\xff\xfe{}"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b" " * (4 * 1024 * 1024 + 1)),
    ],
)
async def test_an_answer_that_makes_no_sense_is_unreadable(
    api: Api, system: respx.MockRouter, answer: httpx.Response
) -> None:
    """Error status, HTML, broken or too deep JSON, too much: each is unreadable."""
    system.get("/f").mock(return_value=answer)

    with pytest.raises(Unreadable):
        await api.read("/f")


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
async def test_a_read_without_answer_is_unreadable(
    api: Api, system: respx.MockRouter, error: type[httpx.TransportError]
) -> None:
    """A read changes nothing, so its failures need no telling apart."""
    system.get("/f").mock(side_effect=error("no"))

    with pytest.raises(Unreadable, match=error.__name__):
        await api.read("/f")


async def test_an_error_quotes_little(api: Api, system: respx.MockRouter) -> None:
    """At most 200 bytes of a foreign body reach our messages."""
    system.get("/f").respond(500, text="x" * 5000)

    with pytest.raises(Unreadable) as caught:
        await api.read("/f")
    assert 300 > len(str(caught.value))
