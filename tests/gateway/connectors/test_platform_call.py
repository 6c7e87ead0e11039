"""The platform's calls: instants with a zone, silence that is no answer."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.paths import NoSegment
from gateway.connectors.platform_call import (
    Answered,
    Instant,
    PlatformCall,
    iso,
    part,
    seconds_of,
)
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)

URL = "http://platform.test"


class Shape(Answered):
    at: Instant
    ratio: float


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


@pytest.fixture
async def call() -> AsyncIterator[PlatformCall]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield PlatformCall(Api("platform", client))


async def test_an_instant_becomes_seconds(
    call: PlatformCall, system: respx.MockRouter
) -> None:
    """Unix seconds inside, ISO 8601 outside."""
    system.get("/x").respond(json={"at": "2026-01-01T01:00:00+01:00", "ratio": 1})
    found = await call.read(Shape, "/x")

    assert 1_767_225_600.0 == found.at
    assert "2026-01-01T00:00:00Z" == iso(found.at)


@pytest.mark.parametrize("zone", ["", "Z", "+00:00"])
async def test_the_last_instant_is_within_the_calendar(
    call: PlatformCall, system: respx.MockRouter, zone: str
) -> None:
    """Its fraction would be past it, and fail the whole answer."""
    at = f"9999-12-31T23:59:59.9999999{zone}"
    system.get("/x").respond(json={"at": at, "ratio": 1})

    assert "9999-12-31T23:59:59Z" == iso((await call.read(Shape, "/x")).at)


@pytest.mark.parametrize(
    "body",
    [
        '{"at": "2026-01-01T00:00:00", "ratio": 1}',
        '{"at": "soon", "ratio": 1}',
        '{"at": null, "ratio": 1}',
        '{"at": "2026-01-01T00:00:00Z", "ratio": NaN}',
        '{"at": "2026-01-01T00:00:00Z", "ratio": 1e999}',
        '{"error": "maintenance"}',
        "[]",
        "<html>",
    ],
)
async def test_what_makes_no_sense_is_no_answer(
    call: PlatformCall, system: respx.MockRouter, body: str
) -> None:
    """To a read it is unreadable, to a write it says nothing of what became of it."""
    system.route().respond(text=body)

    with pytest.raises(Unreadable):
        await call.read(Shape, "/x")
    with pytest.raises(OutcomeUnknown):
        await call.write(Shape, "/x", {}, seen_version=1, idempotency_key="k")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(412), StateMoved),
        (httpx.Response(409), Refused),
        (httpx.Response(422), Refused),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.ReadTimeout("late"), OutcomeUnknown),
        (httpx.ReadError("cut"), OutcomeUnknown),
        (httpx.ConnectError("away"), NothingSent),
    ],
)
async def test_a_failed_write_says_what_may_have_happened(
    call: PlatformCall,
    system: respx.MockRouter,
    answer: httpx.Response | Exception,
    error: type[ConnectorError],
) -> None:
    """Moved, refused, never sent; or sent, with the answer lost."""
    system.put("/x").mock(side_effect=[answer])

    with pytest.raises(error):
        await call.write(Shape, "/x", {}, seen_version=1, idempotency_key="k")


async def test_a_write_says_who_and_on_what_condition(
    call: PlatformCall, system: respx.MockRouter
) -> None:
    """The version seen, the key, and our name."""
    route = system.put("/x").respond(json={"at": iso(0), "ratio": 0})
    await call.write(Shape, "/x", {"a": 1}, seen_version=4, idempotency_key="k")
    request = route.calls.last.request

    assert ("4", "k") == (
        request.headers["if-match"],
        request.headers["idempotency-key"],
    )
    assert b'{"a":1,"changed_by":"ops-autopilot"}' == request.content


def test_a_name_is_one_part_of_a_path() -> None:
    """Whatever is in it."""
    assert "a%2F..%2Fb%3Fx" == part("a/../b?x")
    assert "content:c_1" == part("content:c_1")


def test_an_instant_without_zone_is_refused() -> None:
    """It could be anybody's midnight."""
    with pytest.raises(ValueError, match="timezone"):
        seconds_of("2026-01-01T00:00:00")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_part_that_would_lead_elsewhere_is_none(name: str) -> None:
    """An answer of the platform names users too, and may name ``..``."""
    with pytest.raises(NoSegment):
        part(name)
