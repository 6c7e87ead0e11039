"""One outside system over HTTP: what each answer, and each silence, means."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import respx

from gateway.connectors.breaker import Breaker, CircuitOpen
from gateway.connectors.http import Api, Manners
from gateway.ports import (
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)
from tests.gateway.connectors.tls import make_certificate, tls_server

URL = "http://platform.test"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Api("platform", client)


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL, assert_all_called=False) as router:
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
        (httpx.Response(429), NothingSent),
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


async def test_a_read_is_repeated_while_its_failure_may_pass(
    api: Api, system: respx.MockRouter
) -> None:
    """A starting system and a cut line are asked again, three times at most."""
    route = system.get("/f")
    route.side_effect = [
        httpx.Response(503),
        httpx.ReadError("cut"),
        httpx.Response(200, json={"version": 8}),
    ]

    assert {"version": 8} == await api.read("/f")
    assert 3 == route.call_count


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429])
async def test_what_will_not_pass_is_asked_once(
    api: Api, system: respx.MockRouter, status: int
) -> None:
    """A refusal stays one; who is asked too often is not asked more."""
    route = system.get("/f").respond(status)

    with pytest.raises(Unreadable, match=str(status)):
        await api.read("/f")
    assert 1 == route.call_count


async def test_a_write_is_sent_once(api: Api, system: respx.MockRouter) -> None:
    """Whatever came of it."""
    route = system.put("/f").respond(503)

    with pytest.raises(OutcomeUnknown):
        await put(api)
    assert 1 == route.call_count


async def test_a_deadline_ends_a_read(system: respx.MockRouter) -> None:
    """And says what came before it."""

    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    system.get("/f").mock(side_effect=never)
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, Manners(deadline_seconds=0.05))

        with pytest.raises(Unreadable, match=r"no whole answer within 0\.05 s"):
            await api.read("/f")


async def test_a_deadline_leaves_a_write_unknown(system: respx.MockRouter) -> None:
    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    system.put("/f").mock(side_effect=never)
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, Manners(deadline_seconds=0.05))

        with pytest.raises(OutcomeUnknown, match="no whole answer"):
            await put(api)


async def test_a_size_is_the_connectors_own(system: respx.MockRouter) -> None:
    """Past it neither a read nor a write is read on."""
    system.get("/f").respond(content=b" " * 101)
    system.put("/f").respond(content=b" " * 101)
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, Manners(most_bytes=100))

        with pytest.raises(Unreadable, match="more than 100 bytes"):
            await api.read("/f")
        with pytest.raises(OutcomeUnknown, match="more than 100 bytes"):
            await put(api)


async def test_a_system_that_fails_on_is_left_alone(system: respx.MockRouter) -> None:
    """An open circuit sends nothing: neither a read nor a write."""
    route = system.get("/f").respond(500)
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, breaker=Breaker(most_failures=3))
        with pytest.raises(Unreadable):
            await api.read("/f")

        with pytest.raises(CircuitOpen, match="asked again in 10 s") as caught:
            await api.read("/f")
        assert 9.0 < (caught.value.retry_after or 0.0) <= 10.0
        with pytest.raises(CircuitOpen):
            await put(api)
    assert 3 == route.call_count


@pytest.mark.parametrize("status", [401, 404, 429])
async def test_a_refusal_opens_no_circuit(
    system: respx.MockRouter, status: int
) -> None:
    """A system that refuses is there."""
    route = system.get("/f").respond(status)
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, breaker=Breaker(most_failures=1))
        for _ in range(3):
            with pytest.raises(Unreadable):
                await api.read("/f")

    assert 3 == route.call_count


async def test_bytes_must_be_of_their_kind(api: Api, system: respx.MockRouter) -> None:
    """A log-in page is no picture."""
    route = system.get("/p")
    route.side_effect = [
        httpx.Response(200, content=b"P", headers={"content-type": "image/png"}),
        httpx.Response(200, html="<html>"),
    ]

    assert b"P" == await api.read_bytes("/p", media_type="image/png")
    with pytest.raises(Unreadable, match="text/html instead of image/png"):
        await api.read_bytes("/p", media_type="image/png")


async def test_an_empty_answer_to_another_write_is_one(
    api: Api, system: respx.MockRouter
) -> None:
    """Many systems answer 204; ``send`` gives None, and other bodies parsed."""
    system.delete("/f").respond(204)
    system.post("/f").respond(201, json={"id": 1})

    assert await api.send("DELETE", "/f") is None
    assert {"id": 1} == await api.send("POST", "/f", {"a": 1})


async def test_a_system_may_have_its_own_word_for_moved(
    api: Api, system: respx.MockRouter
) -> None:
    """Some answer 409 to a stale write."""
    system.put("/f").respond(409)

    with pytest.raises(StateMoved):
        await api.send("PUT", "/f", {}, moved=frozenset({409}))


async def test_a_timeout_that_the_system_names_is_unknown(
    api: Api, system: respx.MockRouter
) -> None:
    """408 is no refusal: the request may have been taken."""
    system.put("/f").respond(408)

    with pytest.raises(OutcomeUnknown):
        await put(api)


async def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    """By a read and by a write, which was never sent; and no one asks again."""
    expired = make_certificate(tmp_path, host="localhost", days=-1)
    async with (
        tls_server(expired) as port,
        httpx.AsyncClient(
            base_url=f"https://localhost:{port}", verify=expired.trusted()
        ) as client,
    ):
        api = Api("platform", client)

        with pytest.raises(Unreadable, match="certificate has expired"):
            await api.read("/f")
        with pytest.raises(NothingSent, match="certificate has expired"):
            await put(api)
