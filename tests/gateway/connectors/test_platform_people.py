"""Users at the platform: shapes, writes, and lost answers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_people import PlatformAccounts, PlatformIdentity
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
ACCOUNT = {
    "user_id": "u_1",
    "handle": "h",
    "display_name": "H",
    "email": "h@example.com",
    "phone": "1",
    "country": "SE",
    "created_at": AT,
    "followers": 5,
    "status": "active",
    "banned_until": None,
    "strikes": 0,
    "reports_last_day": 1,
    "posts_last_day": 2,
    "push_tokens": 3,
    "push_revoked": False,
    "recent_content": ["c_1"],
    "version": 3,
}
IDENTITY = {
    "user_id": "u_1",
    "sessions": 2,
    "last_login_at": AT,
    "failed_logins_last_hour": 0,
    "locked": False,
    "reset_sent_at": None,
    "version": 3,
}
READS: list[Call] = [
    lambda api: PlatformAccounts(api).get("u_1"),
    lambda api: PlatformIdentity(api).get("u_1"),
]
WRITES: list[Call] = [
    lambda api: PlatformAccounts(api).set_push(
        "u_1", revoked=True, seen_version=3, idempotency_key="k"
    ),
    lambda api: PlatformAccounts(api).ban(
        "u_1", until=None, reason_code="x", seen_version=3, idempotency_key="k"
    ),
    lambda api: PlatformIdentity(api).end_sessions(
        "u_1", seen_version=3, idempotency_key="k"
    ),
    lambda api: PlatformIdentity(api).send_reset_link(
        "u_1", seen_version=3, idempotency_key="k"
    ),
]


async def test_a_user_is_read(api: Api, system: respx.MockRouter) -> None:
    """Account and identity, with instants in seconds."""
    system.get("/users/u_1").respond(json={**ACCOUNT, "more": 1})
    system.get("/users/u_1/identity").respond(json=IDENTITY)
    account = await PlatformAccounts(api).get("u_1")
    identity = await PlatformIdentity(api).get("u_1")

    assert (SECONDS, ("c_1",)) == (account.created_at, account.recent_content)
    assert (SECONDS, None) == (identity.last_login_at, identity.reset_sent_at)


@pytest.mark.parametrize(
    ("until", "sent"), [(None, b'"until":null'), (SECONDS, f'"until":"{AT}"'.encode())]
)
async def test_a_ban_says_until_when(
    api: Api, system: respx.MockRouter, until: float | None, sent: bytes
) -> None:
    """Null is for ever."""
    route = system.put("/users/u_1/ban").respond(json={**ACCOUNT, "version": 4})
    account = await PlatformAccounts(api).ban(
        "u_1", until=until, reason_code="spam", seen_version=3, idempotency_key="k"
    )

    assert 4 == account.version
    assert sent in route.calls.last.request.content
    assert b'"reason_code":"spam"' in route.calls.last.request.content


@pytest.mark.parametrize(
    ("path", "call"),
    [("/users/u_1/sessions", WRITES[2]), ("/users/u_1/reset-link", WRITES[3])],
)
async def test_each_write_has_its_path(
    api: Api, system: respx.MockRouter, path: str, call: Call
) -> None:
    """Sessions and reset mails are apart."""
    route = system.put(path).respond(json=IDENTITY)
    await call(api)

    assert route.called


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
