"""Content, frictions and appeals at the platform."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_content import (
    PlatformAppeals,
    PlatformContents,
    PlatformFrictions,
)
from gateway.ports import ConnectorError, OutcomeUnknown, StateMoved, Unreadable

URL = "http://platform.test"
AT = "2026-01-01T00:00:00Z"
SECONDS = 1_767_225_600.0


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Api("platform", client)


Call = Callable[[Api], Awaitable[object]]
CONTENT: dict[str, object] = {
    "content_id": "c_1",
    "author_id": "u_1",
    "kind": "post",
    "created_at": AT,
    "text": "hello",
    "status": "visible",
    "removed_reason": None,
    "views_last_hour": 1,
    "replies_last_hour": 2,
    "repliers_last_hour": 2,
    "reports": 0,
    "labels": [],
    "thread_size": 3,
    "version": 3,
}
FRICTION = {
    "target": "content:c_1",
    "friction_type": "slow_mode",
    "expires_at": AT,
    "people_last_hour": 5,
    "actions_last_hour": 9,
    "version": 3,
}
APPEAL = {
    "appeal_id": "a_1",
    "user_id": "u_1",
    "action": "ban",
    "subject_id": "u_1",
    "opened_at": AT,
    "statement": "no",
    "status": "open",
    "version": 3,
}
READS: list[Call] = [
    lambda api: PlatformContents(api).get("c_1"),
    lambda api: PlatformFrictions(api).get("content:c_1"),
    lambda api: PlatformAppeals(api).get("a_1"),
]
WRITES: list[Call] = [
    lambda api: PlatformContents(api).remove(
        "c_1", reason_code="spam", seen_version=3, idempotency_key="k"
    ),
    lambda api: PlatformFrictions(api).set(
        "content:c_1",
        friction_type=None,
        expires_at=None,
        seen_version=3,
        idempotency_key="k",
    ),
    lambda api: PlatformAppeals(api).resolve(
        "a_1", resolution="upheld", seen_version=3, idempotency_key="k"
    ),
]


async def test_content_and_appeal_are_read(api: Api, system: respx.MockRouter) -> None:
    """With instants in seconds."""
    system.get("/contents/c_1").respond(json=CONTENT)
    system.get("/appeals/a_1").respond(json=APPEAL)
    content = await PlatformContents(api).get("c_1")
    appeal = await PlatformAppeals(api).get("a_1")

    assert (SECONDS, SECONDS) == (content.created_at, appeal.opened_at)


async def test_a_friction_is_written(api: Api, system: respx.MockRouter) -> None:
    """Its kind and its end go out, what stands now comes back."""
    route = system.put("/frictions/content:c_1").respond(json=FRICTION)
    friction = await PlatformFrictions(api).set(
        "content:c_1",
        friction_type="slow_mode",
        expires_at=SECONDS,
        seen_version=2,
        idempotency_key="k",
    )

    assert ("slow_mode", SECONDS) == (friction.friction_type, friction.expires_at)
    assert f'"expires_at":"{AT}"'.encode() in route.calls.last.request.content


async def test_an_appeal_and_a_removal_are_written(
    api: Api, system: respx.MockRouter
) -> None:
    """With resolution and reason."""
    appeal = system.put("/appeals/a_1").respond(json=APPEAL)
    removal = system.put("/contents/c_1/removal").respond(json=CONTENT)
    await WRITES[2](api)
    await WRITES[0](api)

    assert b'"resolution":"upheld"' in appeal.calls.last.request.content
    assert b'"reason_code":"spam"' in removal.calls.last.request.content


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"ok": True}), OutcomeUnknown),
        (httpx.Response(412), StateMoved),
        (httpx.ReadTimeout("late"), OutcomeUnknown),
    ],
)
async def test_a_write_without_a_usable_answer(
    api: Api,
    system: respx.MockRouter,
    call: Call,
    answer: httpx.Response | Exception,
    error: type[ConnectorError],
) -> None:
    """Another shape or silence: it may stand. 412: somebody was faster."""
    system.put().mock(side_effect=[answer])

    with pytest.raises(error):
        await call(api)


@pytest.mark.parametrize("call", READS)
async def test_a_read_of_another_shape(
    api: Api, system: respx.MockRouter, call: Call
) -> None:
    """The field that is missing is named."""
    system.get().respond(json={"surprise": 1})

    with pytest.raises(Unreadable, match="unexpected shape"):
        await call(api)
