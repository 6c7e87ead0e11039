"""A system that asks to come later: what that means for a write and for a read."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx
import stamina

from gateway.connectors.http import Api
from gateway.ports import Busy, Later, NothingSent, OutcomeUnknown

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
    ("status", "header", "seconds"),
    [
        (429, "7", 7.0),
        (429, "Thu, 01 Jan 1970 00:01:30 GMT", 30.0),
        (429, "86400", 300.0),
        (429, "soon", 0.0),
        (429, None, 0.0),
        (503, "7", 7.0),
    ],
)
async def test_a_write_that_may_come_later_was_not_begun(
    system: respx.MockRouter, status: int, header: str | None, seconds: float | None
) -> None:
    """Nothing was sent, and the error says when to send it."""
    headers = {} if header is None else {"retry-after": header}
    system.put("/f").respond(status, headers=headers)
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, now=lambda: 60.0)

        with pytest.raises(NothingSent) as caught:
            await put(api)
    assert seconds == caught.value.retry_after
    assert isinstance(caught.value, Later) is (503 == status)


@pytest.mark.parametrize("header", [None, "soon"])
async def test_a_503_that_names_no_end_leaves_a_write_unknown(
    api: Api, system: respx.MockRouter, header: str | None
) -> None:
    """A proxy says it too when the system went away in the middle."""
    headers = {} if header is None else {"retry-after": header}
    system.put("/f").respond(503, headers=headers)

    with pytest.raises(OutcomeUnknown):
        await put(api)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_read_waits_as_long_as_it_was_asked(
    system: respx.MockRouter, status: int
) -> None:
    """No less than the system's own instant, where that is soon."""
    route = system.get("/f")
    route.side_effect = [
        httpx.Response(
            status, headers={"retry-after": "Thu, 01 Jan 1970 00:00:10 GMT"}
        ),
        httpx.Response(200, json={"version": 8}),
    ]
    clock = asyncio.get_running_loop().time
    async with httpx.AsyncClient(base_url=URL) as client:
        api = Api("platform", client, now=lambda: 9.7)
        with stamina.set_testing(testing=False):
            begun = clock()
            found = await api.read("/f")

    assert {"version": 8} == found
    assert 0.3 <= clock() - begun


@pytest.mark.parametrize("status", [429, 503])
async def test_a_read_that_is_asked_to_wait_long_says_when(
    api: Api, system: respx.MockRouter, status: int
) -> None:
    """Past the deadline nobody waits, and nobody asks again before."""
    route = system.get("/f").respond(status, headers={"retry-after": "120"})

    with pytest.raises(Busy, match="come again in 120 s") as caught:
        await api.read("/f")
    assert (120.0, 1) == (caught.value.retry_after, route.call_count)


async def test_a_read_that_is_put_off_again_and_again_ends(
    api: Api, system: respx.MockRouter
) -> None:
    """After the tries of any read, as what it is."""
    route = system.get("/f").respond(429, headers={"retry-after": "0"})

    with pytest.raises(Busy):
        await api.read("/f")
    assert 3 == route.call_count
