"""One contract for every connector: each answer and each silence is a typed error."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from gateway.assembly import build
from gateway.connectors.breaker import CircuitOpen
from gateway.connectors.http import MOST_BYTES
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)
from storage.canonical import canonical
from tests.gateway.connectors.cases import CASES, HOST, Case
from tests.gateway.connectors.cases_platform import PLATFORM_CASES
from tests.gateway.connectors.cases_rest import REST_CASES
from tests.gateway.connectors.tls import make_certificate, tls_server

ALL = (*CASES, *PLATFORM_CASES, *REST_CASES)
WRITING = [one for one in ALL if one.write is not None]
# What a status, a silence and the circuit do is the same for each read of a kind.
KINDS = tuple({one.name: one for one in (*CASES, *PLATFORM_CASES)}.values())


def trying(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Try one port of a REST map by default, and every one in `make test-services`."""
    return pytest.mark.parametrize(
        "case",
        [
            pytest.param(one, id=one.id, marks=pytest.mark.services)
            if one in REST_CASES
            else pytest.param(one, id=one.id)
            for one in cases
        ],
    )


reading, writing = trying(ALL), trying(WRITING)
kinds = pytest.mark.parametrize("case", KINDS, ids=[one.name for one in KINDS])
# Their systems take no condition: the connector reads and compares before it writes.
LOOKING = [one for one in WRITING if one.name in {"keycloak", "unleash"}]
looking = pytest.mark.parametrize("case", LOOKING, ids=[one.name for one in LOOKING])
CHANGING = ("POST", "PUT", "PATCH", "DELETE")

BAD_BODIES = {
    "html": httpx.Response(200, html="<html>sign in</html>"),
    "10 MB": httpx.Response(200, content=b" " * 10_000_000),
    "no utf-8": httpx.Response(200, content=b'{"a": "\xff"}'),
    "nan": httpx.Response(200, content=b'{"status": NaN}'),
    "too deep": httpx.Response(200, content=b"[" * 100_000),
    "cut": httpx.Response(200, content=b'{"status": "succ'),
}
ODD_BODIES = {
    "an error inside": httpx.Response(200, json={"error": "no such thing"}),
    "a status inside": httpx.Response(200, json={"status": "error", "error": "x"}),
    "a list": httpx.Response(200, json=[1, 2]),
    "null": httpx.Response(200, json=None),
    "empty": httpx.Response(200, content=b""),
}
STATUSES = (301, 302, 401, 403, 404, 409, 412, 429, 500, 502, 503, 504)


@asynccontextmanager
async def opened(
    case: Case, *, url: str = HOST, client: httpx.AsyncClient | None = None
) -> AsyncIterator[Any]:
    async with client or httpx.AsyncClient(base_url=url) as http:
        yield build(case.name, case.config, http, {})[case.port]


@reading
async def test_a_good_answer_is_read(case: Case, outside: respx.MockRouter) -> None:
    """The answers of these tests are ones that the connector takes."""
    case.answer(outside)
    async with opened(case) as port:
        assert await case.read(port)


@pytest.mark.parametrize("body", [*BAD_BODIES, *ODD_BODIES])
@reading
async def test_a_body_that_is_none_is_unreadable(
    case: Case, outside: respx.MockRouter, body: str
) -> None:
    """Whatever a 200 holds: it is the system's shape, or Unreadable."""
    outside.route().mock(return_value=(BAD_BODIES | ODD_BODIES)[body])
    async with opened(case) as port:
        with pytest.raises(Unreadable, match=case.name):
            await case.read(port)


@pytest.mark.parametrize("body", ["an error inside", "a status inside"])
@reading
async def test_one_answer_with_an_error_inside_is_unreadable(
    case: Case, outside: respx.MockRouter, body: str
) -> None:
    """Though every other one is good: half of what is asked for is no fact."""
    async with opened(case) as port:
        for path, good in case.good.items():
            if good.headers["content-type"] != "application/json":
                continue
            outside.clear()
            case.answer(outside)
            outside.get(path=path).mock(return_value=ODD_BODIES[body])
            with pytest.raises(Unreadable, match=case.name):
                await case.read(port)


ODD_VALUES: tuple[object, ...] = (
    None,
    2**53,
    10**400,
    1e308,
    -1,
    "NaN",
    "inf",
    "a\ud800\0",
    [],
    {},
)
# Each needs a second or two for all connectors; `make test-services` tries them all.
QUICK_ONES = (None, "a\ud800\0")


def _leaves(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each value that holds no other."""
    inside = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    if not inside:
        yield way
    for name, one in inside:
        yield from _leaves(one, (*way, name))


def _changed(value: Any, way: tuple[Any, ...], leaf: object) -> Any:
    if not way:
        return leaf
    name, *rest = way
    inner = _changed(value[name], tuple(rest), leaf)
    if isinstance(value, dict):
        return {**value, name: inner}
    return [*value[:name], inner, *value[name + 1 :]]


@pytest.mark.parametrize(
    "odd",
    [
        one if one in QUICK_ONES else pytest.param(one, marks=pytest.mark.services)
        for one in ODD_VALUES
    ],
    ids=lambda one: repr(one)[:12],
)
@reading
async def test_an_odd_value_anywhere_is_read_or_unreadable(
    case: Case, outside: respx.MockRouter, odd: object
) -> None:
    """What is read can be hashed and stored; no other error gets out."""
    case.answer(outside)
    outside.route().respond(404)
    async with opened(case) as port:
        for path, good in case.good.items():
            if good.headers["content-type"] != "application/json":
                continue
            route = outside.get(path=path)
            for way in _leaves(good.json()):
                body = json.dumps(_changed(good.json(), way, odd))
                route.respond(content=body.encode())
                # A dry run may refuse, in the system's words.
                with suppress(Unreadable, Refused):
                    canonical(await case.read(port))
            route.mock(return_value=good)


@pytest.mark.parametrize("status", STATUSES)
@kinds
async def test_an_error_status_is_unreadable(
    case: Case, outside: respx.MockRouter, status: int
) -> None:
    """A redirect too: nobody follows it."""
    elsewhere = {"location": "https://elsewhere.test/"} if status < 400 else {}
    outside.route().respond(status, headers=elsewhere)
    async with opened(case) as port:
        with pytest.raises(Unreadable, match=str(status)):
            await case.read(port)
    assert {"x.test"} == {call.request.url.host for call in outside.calls}


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError],
)
@kinds
async def test_a_silence_is_unreadable(
    case: Case, outside: respx.MockRouter, error: type[httpx.TransportError]
) -> None:
    outside.route().mock(side_effect=error("no"))
    async with opened(case) as port:
        with pytest.raises(Unreadable, match=error.__name__):
            await case.read(port)


@kinds
async def test_an_expired_certificate_is_named(case: Case, tmp_path: Path) -> None:
    """By a real server on loopback."""
    expired = make_certificate(tmp_path, host="localhost", days=-1)
    async with tls_server(expired) as port_number:
        url = f"https://localhost:{port_number}"
        client = httpx.AsyncClient(base_url=url, verify=expired.trusted())
        async with opened(case, client=client) as port:
            with pytest.raises(Unreadable, match="certificate has expired"):
                await case.read(port)


@kinds
async def test_a_system_that_fails_on_is_left_alone(
    case: Case, outside: respx.MockRouter
) -> None:
    """The circuit opens for all of a connector's calls."""
    outside.route().respond(503)
    async with opened(case) as port:
        for _ in range(2):
            with pytest.raises(Unreadable):
                await case.read(port)
        before = outside.calls.call_count
        with pytest.raises(CircuitOpen):
            await case.read(port)
    assert before == outside.calls.call_count


async def version(case: Case, port: Any) -> int:
    found = await case.read(port)
    seen = getattr(found, "version", None)
    assert isinstance(seen, int)
    return seen


async def written(
    case: Case, outside: respx.MockRouter, answer: httpx.Response | Exception
) -> BaseException:
    """Write where every change meets ``answer``; give what it raised."""
    case.answer(outside)
    for method in CHANGING:
        route = outside.route(method=method)
        if isinstance(answer, Exception):
            route.mock(side_effect=answer)
        else:
            route.mock(return_value=answer)
    assert case.write is not None
    async with opened(case) as port:
        seen = await version(case, port)
        with pytest.raises(ConnectorError) as caught:
            await case.write(port, seen)
    return caught.value


@pytest.mark.parametrize("body", BAD_BODIES)
@writing
async def test_a_write_that_is_answered_badly_is_unknown(
    case: Case, outside: respx.MockRouter, body: str
) -> None:
    """It was sent."""
    assert OutcomeUnknown is type(await written(case, outside, BAD_BODIES[body]))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, OutcomeUnknown),
        (400, Refused),
        (401, Refused),
        (403, Refused),
        (404, Refused),
        (412, StateMoved),
        (422, Refused),
        (429, NothingSent),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
    ],
)
@writing
async def test_an_error_status_of_a_write_is_told(
    case: Case, outside: respx.MockRouter, status: int, expected: type[Exception]
) -> None:
    """Refused, moved or unknown; but for Zendesk's own word no system differs."""
    raised = await written(case, outside, httpx.Response(status))

    # Of several requests the first was refused here, so nothing had changed.
    zendesk_knows_no_412 = case.name == "zendesk" and status == 412
    assert (Refused if zendesk_knows_no_412 else expected) is type(raised)


@pytest.mark.parametrize("status", [429, 503])
@writing
async def test_a_write_that_is_put_off_says_until_when(
    case: Case, outside: respx.MockRouter, status: int
) -> None:
    """The system's own Retry-After, whatever the connector does around the write."""
    later = httpx.Response(status, headers={"retry-after": "7"})
    raised = await written(case, outside, later)

    assert isinstance(raised, NothingSent)
    assert 7.0 == raised.retry_after


@looking
async def test_a_look_before_a_write_that_is_put_off_says_until_when(
    case: Case, outside: respx.MockRouter
) -> None:
    """Where a connector compares first, it was the read that came too early."""
    routes = case.answer(outside)
    assert case.write is not None
    async with opened(case) as port:
        seen = await version(case, port)
        for route in routes:
            route.respond(429, headers={"retry-after": "90"})
        with pytest.raises(NothingSent) as caught:
            await case.write(port, seen)
    assert 90.0 == caught.value.retry_after


@writing
async def test_a_write_that_never_left_is_said_so(
    case: Case, outside: respx.MockRouter
) -> None:
    raised = await written(case, outside, httpx.ConnectError("no"))

    assert NothingSent is type(raised)


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.RemoteProtocolError])
@writing
async def test_a_silence_after_a_write_is_unknown(
    case: Case, outside: respx.MockRouter, error: type[httpx.TransportError]
) -> None:
    assert OutcomeUnknown is type(await written(case, outside, error("no")))


@writing
async def test_who_saw_another_state_writes_nothing(
    case: Case, outside: respx.MockRouter
) -> None:
    """By the system's own condition, or by a look right before."""
    case.answer(outside)
    conditional = {"zendesk": 409, "rest": 412, "platform": 412}
    for method in CHANGING:
        outside.route(method=method).respond(conditional.get(case.name, 200))
    assert case.write is not None
    async with opened(case) as port:
        seen = await version(case, port)
        with pytest.raises(StateMoved):
            await case.write(port, seen + 1)
    if case.name not in conditional:
        assert {"GET"} == {call.request.method for call in outside.calls}


@writing
async def test_a_write_that_can_not_be_read_back_is_unknown(
    case: Case, outside: respx.MockRouter
) -> None:
    """It went through, and nobody knows what there is now."""
    routes = case.answer(outside)
    assert case.write is not None
    async with opened(case) as port:
        seen = await version(case, port)

        def broken(_request: httpx.Request) -> httpx.Response:
            for route in routes:
                route.mock(return_value=httpx.Response(404))
            return httpx.Response(200, json={})

        for method in CHANGING:
            outside.route(method=method).mock(side_effect=broken)
        with pytest.raises(OutcomeUnknown):
            await case.write(port, seen)


def test_the_cap_is_smaller_than_what_is_sent_here() -> None:
    assert MOST_BYTES < 10_000_000
