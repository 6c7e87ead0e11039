"""Users at the platform: shapes, writes, and lost answers."""

from collections.abc import Awaitable, Callable

import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_people import PlatformAccounts, PlatformIdentity
from tests.gateway.connectors.cases_platform import end_sessions, send_reset_link
from tests.gateway.connectors.platform_answers import ACCOUNT, AT, IDENTITY, SECONDS


async def test_sessions_are_told_apart_where_the_platform_names_them(
    platform: Api, outside: respx.MockRouter
) -> None:
    """An older platform only counts."""
    route = outside.get("/users/u_1/identity").respond(json=IDENTITY)
    counted = await PlatformIdentity(platform).get("u_1")
    route.respond(json={**IDENTITY, "session_ids": ["s1", "s2"]})
    named = await PlatformIdentity(platform).get("u_1")

    assert (None, ("s1", "s2")) == (counted.session_ids, named.session_ids)


async def test_a_user_is_read(platform: Api, outside: respx.MockRouter) -> None:
    """Account and identity, with instants in seconds."""
    outside.get("/users/u_1").respond(json={**ACCOUNT, "more": 1})
    outside.get("/users/u_1/identity").respond(json=IDENTITY)
    account = await PlatformAccounts(platform).get("u_1")
    identity = await PlatformIdentity(platform).get("u_1")

    assert (SECONDS, ("c_1",)) == (account.created_at, account.recent_content)
    assert (SECONDS, None) == (identity.last_login_at, identity.reset_sent_at)


@pytest.mark.parametrize(
    ("told", "until"),
    [("9999-12-31T23:59:59.9999999", None), (AT, SECONDS), (None, None)],
)
async def test_a_ban_until_the_last_instant_is_for_ever(
    platform: Api, outside: respx.MockRouter, told: str | None, until: float | None
) -> None:
    """What .NET says for it is what null says."""
    banned = {**ACCOUNT, "status": "banned", "banned_until": told}
    outside.get("/users/u_1").respond(json=banned)

    assert until == (await PlatformAccounts(platform).get("u_1")).banned_until


@pytest.mark.parametrize(
    ("until", "sent"), [(None, b'"until":null'), (SECONDS, f'"until":"{AT}"'.encode())]
)
async def test_a_ban_says_until_when(
    platform: Api, outside: respx.MockRouter, until: float | None, sent: bytes
) -> None:
    """Null is for ever."""
    route = outside.put("/users/u_1/ban").respond(json={**ACCOUNT, "version": 4})
    account = await PlatformAccounts(platform).ban(
        "u_1", until=until, reason_code="spam", seen_version=3, idempotency_key="k"
    )

    assert 4 == account.version
    assert sent in route.calls.last.request.content
    assert b'"reason_code":"spam"' in route.calls.last.request.content


@pytest.mark.parametrize(
    ("path", "call"),
    [("/users/u_1/sessions", end_sessions), ("/users/u_1/reset-link", send_reset_link)],
)
async def test_each_write_has_its_path(
    platform: Api,
    outside: respx.MockRouter,
    path: str,
    call: Callable[[object, int], Awaitable[object]],
) -> None:
    """Sessions and reset mails are apart."""
    route = outside.put(path).respond(json=IDENTITY)
    await call(PlatformIdentity(platform), 3)

    assert route.called
