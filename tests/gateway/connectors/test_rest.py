"""The engine: placeholders, fields, versions and dry runs."""

from dataclasses import dataclass

import httpx
import pytest
import respx
from pydantic import JsonValue

from gateway.connectors.http import Api
from gateway.connectors.paths import NoSegment
from gateway.connectors.rest import (
    Operation,
    Reader,
    RestPort,
    count,
    fill_body,
    fill_path,
    fill_text,
    pick,
)
from gateway.ports import Refused, Unreadable
from gateway.subjects import AuditEntry, PipelineState
from tests.gateway.connectors.cases import HOST
from tests.gateway.connectors.cases_rest import EVERYTHING


@dataclass(frozen=True)
class Thing:
    name: str
    size: int
    version: int


@dataclass(frozen=True)
class Measured:
    """What moves while nobody writes: ``lag``."""

    name: str
    lag: int
    version: int


async def read(outside: respx.MockRouter, answer: object, **fields: str) -> Thing:
    outside.get("/things/a").respond(json=answer)
    operation = Operation("GET", "/things/{name}", fields=fields)
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"get": operation})
        return await Reader(port, "get", Thing).read({"name": "a"})


def test_a_path_takes_encoded_segments() -> None:
    """No argument leaves its segment."""
    assert "/a/b%2Fc%3F/7" == fill_path("/a/{x}/{n}", {"x": "b/c?", "n": 7})
    with pytest.raises(NoSegment):
        fill_path("/a/{x}", {"x": ".."})


def test_a_body_keeps_types() -> None:
    """A whole string becomes the value; a part of one becomes text."""
    body: JsonValue = {"a": "{n}", "b": ["{f}", "at {n}"], "c": 1, "d": None}
    arguments: dict[str, JsonValue] = {"n": 7, "f": False}

    assert {"a": 7, "b": [False, "at 7"], "c": 1, "d": None} == fill_body(
        body, arguments
    )
    assert "n=7&f=false" == fill_text("n={n}&f={f}", arguments)


async def test_fields_are_found_by_expressions(outside: respx.MockRouter) -> None:
    """Or by their own names."""
    answer = {"meta": {"title": "A"}, "parts": [1, 2, 3], "version": 9}
    found = await read(outside, answer, name="meta.title", size="length(parts)")

    assert Thing("A", 3, 9) == found


@dataclass(frozen=True)
class Partly:
    name: str
    unread: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("more", "unread"), [({}, ()), ({"unread": None}, ()), ({"unread": ["b"]}, ("b",))]
)
async def test_what_a_map_need_not_know_is_as_its_subject_has_it(
    outside: respx.MockRouter, more: dict[str, JsonValue], unread: tuple[str, ...]
) -> None:
    """A map that was written before goes on."""
    outside.get("/things/a").respond(json={"name": "a", **more})
    async with httpx.AsyncClient(base_url=HOST) as client:
        operation = Operation("GET", "/things/{name}", fields={})
        port = RestPort(Api("x", client), {"get": operation})
        found = await Reader(port, "get", Partly).read({"name": "a"})

    assert Partly("a", unread) == found


async def test_without_a_version_the_fields_are_one(
    outside: respx.MockRouter,
) -> None:
    """The same state has the same; another state another."""
    first = await read(outside, {"name": "a", "size": 1})
    same = await read(outside, {"size": 1, "name": "a", "unused": 2})
    other = await read(outside, {"name": "a", "size": 2})

    assert first.version == same.version != other.version
    assert first.version < 1 << 48


async def test_what_is_measured_makes_no_version(outside: respx.MockRouter) -> None:
    """A count of the last hour moves, and nobody has changed the target."""
    versions = []
    for lag in (1, 2):
        outside.get("/things/a").respond(json={"name": "a", "lag": lag})
        async with httpx.AsyncClient(base_url=HOST) as client:
            operation = Operation("GET", "/things/{name}", fields={})
            port = RestPort(Api("x", client), {"get": operation})
            found = await Reader(port, "get", Measured).read({"name": "a"})
        versions.append(found.version)

    assert versions[0] == versions[1]


@pytest.mark.parametrize(
    "answer", [{}, {"name": "a"}, {"name": "a", "size": "many"}, [], {"error": "no"}]
)
async def test_what_does_not_fit_is_unreadable(
    outside: respx.MockRouter, answer: object
) -> None:
    with pytest.raises(Unreadable, match="unexpected shape"):
        await read(outside, answer)


def test_a_function_that_meets_another_type_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="length"):
        pick("length(@)", 7, what="x")


async def rehearse(
    outside: respx.MockRouter, answer: httpx.Response, method: str = "POST"
) -> int:
    outside.route(path="/dry").mock(return_value=answer)
    operation = Operation(method, "/dry", fields={"count": "rows"})
    async with httpx.AsyncClient(base_url=HOST) as client:
        return await count(RestPort(Api("x", client), {"r": operation}), "r", {})


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_dry_run_counts(outside: respx.MockRouter, method: str) -> None:
    answer = httpx.Response(200, json={"rows": 12})

    assert 12 == await rehearse(outside, answer, method)


async def test_a_dry_run_may_be_refused(outside: respx.MockRouter) -> None:
    """Which is what it is for."""
    with pytest.raises(Refused):
        await rehearse(outside, httpx.Response(422))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, json={"rows": True}),
        httpx.Response(200, json={"rows": "12"}),
        httpx.Response(200, text="<html>"),
    ],
)
async def test_a_dry_run_that_says_nothing_is_unreadable(
    outside: respx.MockRouter, answer: httpx.Response
) -> None:
    """It changed nothing, so nothing is unknown."""
    with pytest.raises(Unreadable):
        await rehearse(outside, answer)


async def test_rows_must_be_a_list(outside: respx.MockRouter) -> None:
    outside.get("/things").respond(json={"items": "none"})
    operation = Operation("GET", "/things", rows="items")
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"search": operation})
        with pytest.raises(Unreadable, match="`rows` finds no list"):
            await Reader(port, "search", Thing).read_rows({})


LAST = 253_402_300_799


@dataclass(frozen=True)
class Timed:
    ended_at: float | None
    banned_until: float | None


@pytest.mark.parametrize("field", ["ended_at", "banned_until"])
@pytest.mark.parametrize("at", [1_700_000_000_000, -1e12, 1e300])
async def test_an_instant_in_milliseconds_is_named(
    outside: respx.MockRouter, field: str, at: float
) -> None:
    """Else it would be of the far future, and fail where it is shown."""
    answer = {"ended_at": None, "banned_until": 1_700_000_000.5, field: at}
    outside.get("/things/a").respond(json=answer)
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"get": Operation("GET", "/things/{name}")})
        with pytest.raises(Unreadable, match=f"{field}: no instant in Unix seconds"):
            await Reader(port, "get", Timed).read({"name": "a"})


async def test_an_instant_in_seconds_is_read(outside: respx.MockRouter) -> None:
    outside.get("/things/a").respond(json={"banned_until": 1_700_000_000.5})
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"get": Operation("GET", "/things/{name}")})
        found = await Reader(port, "get", Timed).read({"name": "a"})

    assert Timed(None, 1_700_000_000.5) == found


@pytest.mark.parametrize("at", [LAST, LAST + 0.9999999])
async def test_the_last_instant_is_no_end_where_that_is_meant(
    outside: respx.MockRouter, at: float
) -> None:
    """A ban until then is for ever; another instant is the last that there is."""
    outside.get("/things/a").respond(json={"banned_until": at, "ended_at": at})
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"get": Operation("GET", "/things/{name}")})
        found = await Reader(port, "get", Timed).read({"name": "a"})

    assert Timed(float(LAST), None) == found


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_dry_run_that_is_put_off_says_until_when(
    outside: respx.MockRouter, method: str
) -> None:
    outside.route().respond(429, headers={"retry-after": "90"})
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"rehearse": Operation(method, "/dry")})
        with pytest.raises(Unreadable) as caught:
            await count(port, "rehearse", {})

    assert 90.0 == caught.value.retry_after


async def test_a_count_past_every_number_is_none(outside: respx.MockRouter) -> None:
    outside.get("/dry").respond(json={"count": 2**60})
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"rehearse": Operation("GET", "/dry")})
        with pytest.raises(Unreadable, match="a number past"):
            await count(port, "rehearse", {})


MILLISECONDS = 1_700_000_000_000
BACKFILL = {
    "id": "b1",
    "from_at": 1.0,
    "to_at": 2.0,
    "state": "running",
    "rows_done": 1,
    "rows_total": 9,
}


async def read_pipeline(outside: respx.MockRouter, **changes: object) -> PipelineState:
    """Read a pipeline of a system that gives no version."""
    answer = {**EVERYTHING, "version": None, "backfills": [BACKFILL], **changes}
    outside.get("/pipelines/p").respond(json=answer)
    async with httpx.AsyncClient(base_url=HOST) as client:
        operation = Operation("GET", "/pipelines/{name}")
        port = RestPort(Api("x", client), {"get": operation})
        return await Reader(port, "get", PipelineState).read({"name": "p"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"gaps": [[1.0, 2.0], [1.0, MILLISECONDS]]}, "gaps"),
        ({"backfills": [BACKFILL | {"to_at": MILLISECONDS}]}, "to_at"),
    ],
)
async def test_an_instant_within_a_field_is_held_to_seconds_too(
    outside: respx.MockRouter, changes: dict[str, object], field: str
) -> None:
    """A gap in milliseconds would be of the far future, and be backfilled never."""
    with pytest.raises(Unreadable, match=f"{field}: no instant in Unix seconds"):
        await read_pipeline(outside, **changes)


async def test_an_entry_of_a_log_is_too(outside: respx.MockRouter) -> None:
    outside.get("/log").respond(json=[EVERYTHING | {"at": MILLISECONDS}])
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = RestPort(Api("x", client), {"search": Operation("GET", "/log")})
        with pytest.raises(Unreadable, match="at: no instant in Unix seconds"):
            await Reader(port, "search", AuditEntry).read_rows({})


@pytest.mark.parametrize(
    "progress",
    [
        {"backfills": [BACKFILL | {"rows_done": 8}]},
        {"backfills": [BACKFILL | {"rows_done": 9, "state": "done"}]},
        {"gaps": []},
    ],
)
async def test_progress_makes_no_other_version(
    outside: respx.MockRouter, progress: dict[str, object]
) -> None:
    """Rows that a running backfill writes void no approval of the next one."""
    seen = await read_pipeline(outside)

    assert seen.version == (await read_pipeline(outside, **progress)).version


async def test_a_backfill_more_makes_another_version(outside: respx.MockRouter) -> None:
    """By which a lost start is told from none; their order means nothing."""
    other = BACKFILL | {"id": "b0"}
    seen = await read_pipeline(outside)
    more = await read_pipeline(outside, backfills=[BACKFILL, other])
    turned = await read_pipeline(outside, backfills=[other, BACKFILL])
    none = await read_pipeline(outside, backfills=[])

    assert more.version == turned.version
    assert 3 == len({seen.version, more.version, none.version})
