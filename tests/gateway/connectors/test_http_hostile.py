"""A system, or somebody before it, that means harm: each way is a typed error."""

import gzip
import math
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx

from gateway.connectors.http import Api, Manners
from gateway.connectors.pinned import PinnedBackend, PinnedTransport
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    Unreadable,
)
from tests.gateway.connectors.wires import Wires

URL = "http://platform.test"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Api("platform", client, Manners(most_bytes=1000))


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        yield router


async def test_a_packed_answer_is_read(api: Api, system: respx.MockRouter) -> None:
    """Gzip alone is asked for."""
    route = system.get("/f").respond(
        headers={"content-encoding": "gzip"}, content=gzip.compress(b'{"a": 1}')
    )

    assert {"a": 1} == await api.read("/f")
    assert "gzip" == route.calls.last.request.headers["accept-encoding"]


async def test_a_bomb_is_too_much(api: Api, system: respx.MockRouter) -> None:
    """The cap counts what was unpacked; a write so answered is unknown."""
    bomb = httpx.Response(
        200,
        headers={"content-encoding": "gzip"},
        content=gzip.compress(b" " * 1_000_000),
    )
    system.get("/f").mock(return_value=bomb)
    system.post("/f").mock(return_value=bomb)

    with pytest.raises(Unreadable, match="more than 1000 bytes"):
        await api.read("/f")
    with pytest.raises(OutcomeUnknown, match="more than 1000 bytes"):
        await api.send("POST", "/f", {})


@pytest.mark.parametrize("status", [300, 302, 304])
@pytest.mark.parametrize(
    "location",
    ["http://x:y/", "http://elsewhere.test/", "//elsewhere.test", "file:///etc/passwd"],
)
async def test_a_redirect_leads_nowhere(
    api: Api, system: respx.MockRouter, status: int, location: str
) -> None:
    """Whatever its address looks like; the credential stays here."""
    system.route().respond(status, headers={"location": location})

    with pytest.raises(Unreadable):
        await api.read("/f")
    with pytest.raises(OutcomeUnknown):
        await api.send("POST", "/f", {})
    assert {"platform.test"} == {call.request.url.host for call in system.calls}


@pytest.mark.parametrize("number", [math.nan, math.inf, object()])
async def test_no_request_is_made_of_what_is_no_json(
    api: Api, system: respx.MockRouter, number: object
) -> None:
    """It never left, and the error says so."""
    system.route().respond(200)

    with pytest.raises(NothingSent, match="no request can be made"):
        await api.send("POST", "/f", {"limit": number})
    assert not system.calls


async def test_a_path_that_is_none_was_not_sent(
    api: Api, system: respx.MockRouter
) -> None:
    """Too long, or with a sign that no address has."""
    system.route().respond(200)

    for path in ("/" + "x" * 70_000, "/a\nb"):
        with pytest.raises(Unreadable, match="InvalidURL"):
            await api.read(path)
        with pytest.raises(NothingSent, match="InvalidURL"):
            await api.send("POST", path, {})


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\0b", "é"])
async def test_a_header_can_not_carry_another(value: str) -> None:
    """Not a byte goes out."""

    async def loopback(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    wires = Wires()
    backend = PinnedBackend(private=True, resolve=loopback, inner=wires)
    transport = PinnedTransport(backend, tls=ssl.create_default_context())
    async with httpx.AsyncClient(base_url=URL, transport=transport) as client:
        api = Api("platform", client)
        with pytest.raises(ConnectorError) as caught:
            await api.send("POST", "/f", {}, headers={"Idempotency-Key": value})

    assert NothingSent is type(caught.value)
    assert [] == wires.wire.in_clear


class Counted:
    """A name server that counts."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> list[str]:
        self.asked += 1
        return [self._address]


@pytest.mark.parametrize(
    ("address", "mend"),
    [("93.184.215.14", "use https"), ("169.254.169.254", "never asked")],
)
async def test_an_address_that_is_refused_is_not_tried_again(
    address: str, mend: str
) -> None:
    """A read and a write say what to mend; nothing was sent."""
    names = Counted(address)
    backend = PinnedBackend(private=True, resolve=names, inner=Wires())
    transport = PinnedTransport(backend, tls=ssl.create_default_context())
    async with httpx.AsyncClient(base_url=URL, transport=transport) as client:
        api = Api("platform", client)
        with pytest.raises(Unreadable, match=mend):
            await api.read("/f")
        with pytest.raises(NothingSent, match=mend):
            await api.send("POST", "/f", {})

    assert 2 == names.asked


async def test_a_cookie_rides_on_no_other_request(
    api: Api, system: respx.MockRouter
) -> None:
    route = system.get("/f").respond(json={}, headers={"set-cookie": "as=admin"})
    await api.read("/f")
    await api.read("/f")

    assert "cookie" not in route.calls.last.request.headers


@pytest.mark.parametrize(
    "body",
    [
        {"content": b" " * 5000},
        {"content": b"x", "headers": {"content-encoding": "br"}},
        {
            "content": gzip.compress(b" " * 5000),
            "headers": {"content-encoding": "gzip"},
        },
    ],
)
async def test_the_page_of_an_error_does_not_hide_it(
    api: Api, system: respx.MockRouter, body: dict[str, Any]
) -> None:
    """However long or packed: the status says that the write was refused."""
    system.route().mock(return_value=httpx.Response(403, **body))

    with pytest.raises(Refused, match="HTTP 403"):
        await api.send("POST", "/f", {})
    with pytest.raises(Unreadable, match="HTTP 403"):
        await api.read("/f")
