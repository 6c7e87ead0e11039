"""Keycloak: a user's sessions and reset mails, under a service account's token."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.keycloak import ClientCredentials, Keycloak
from gateway.ports import NothingSent, Refused, StateMoved, Unreadable
from tests.gateway.connectors.asking import BY_NAME, asked, port_of
from tests.gateway.connectors.cases import HOST, REALM

TOKEN = "/auth/realms/acme/protocol/openid-connect/token"  # noqa: S105 - a path


async def test_a_user_is_known_by_several_answers(outside: respx.MockRouter) -> None:
    """Sessions, brute force, log-ins of the last hour and the last reset mail."""
    outside.get(path=f"{REALM}/events", params={"type": "LOGIN_ERROR"}).respond(
        json=[{"time": 9_999_000}, {"time": 6_400_000}, {"time": 6_399_999}]
    )
    BY_NAME["keycloak"].answer(outside)
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = Keycloak(
            Api("keycloak", client),
            realm="acme",
            reset_lifespan_seconds=600,
            now=lambda: 10_000.0,
        )
        found = await port.get("u1")

    assert ("u1", 1, 2000.0, 2, False, 3000.0) == (
        found.user_id,
        found.sessions,
        found.last_login_at,
        found.failed_logins_last_hour,
        found.locked,
        found.reset_sent_at,
    )


async def test_sessions_are_ended(outside: respx.MockRouter) -> None:
    outside.post(f"{REALM}/users/u1/logout").respond(204)
    async with port_of("keycloak", outside) as port:
        seen = await port.get("u1")
        await port.end_sessions("u1", seen_version=seen.version, idempotency_key="k")

    assert f"POST {REALM}/users/u1/logout" in asked(outside)


async def test_a_reset_mail_is_an_action_of_the_user(outside: respx.MockRouter) -> None:
    route = outside.put(f"{REALM}/users/u1/execute-actions-email").respond(204)
    async with port_of("keycloak", outside) as port:
        seen = await port.get("u1")
        await port.send_reset_link("u1", seen_version=seen.version, idempotency_key="k")
    sent = route.calls.last.request

    assert b'["UPDATE_PASSWORD"]' == sent.content
    assert {"lifespan": "3600"} == dict(sent.url.params)


async def test_a_mail_that_would_not_show_is_not_asked_for(
    outside: respx.MockRouter,
) -> None:
    """Without admin events nothing goes out, and the message names the switch."""
    outside.get(f"{REALM}/events/config").respond(json={"adminEventsEnabled": False})
    async with port_of("keycloak", outside) as port:
        seen = await port.get("u1")
        with pytest.raises(Refused, match="switch on `Save events`"):
            await port.send_reset_link(
                "u1", seen_version=seen.version, idempotency_key="k"
            )

    assert (False, None) == (seen.resets_shown, seen.reset_sent_at)
    assert {"GET"} == {one.partition(" ")[0] for one in asked(outside)}


async def test_sessions_are_told_apart(outside: respx.MockRouter) -> None:
    """By their ids, whatever their order."""
    outside.get(f"{REALM}/users/u1/sessions").respond(
        json=[{"id": "s2", "start": 2}, {"id": "s1", "start": 1}]
    )
    async with port_of("keycloak", outside) as port:
        assert ("s1", "s2") == (await port.get("u1")).session_ids


async def test_another_session_is_another_state(outside: respx.MockRouter) -> None:
    """Somebody logged in meanwhile: what was approved is not what would end."""
    async with port_of("keycloak", outside) as port:
        seen = await port.get("u1")
        with pytest.raises(StateMoved):
            await port.end_sessions(
                "u1", seen_version=seen.version + 1, idempotency_key="k"
            )
    assert not [one for one in asked(outside) if one.startswith("POST")]


def client(now: Callable[[], float]) -> httpx.AsyncClient:
    auth = ClientCredentials(realm="acme", client_id="ops", secret="s", now=now)  # noqa: S106
    return httpx.AsyncClient(base_url=f"{HOST}/auth", auth=auth)


def token(text: str, seconds: int = 60) -> httpx.Response:
    return httpx.Response(200, json={"access_token": text, "expires_in": seconds})


async def test_a_token_is_fetched_once_while_it_lives(
    outside: respx.MockRouter,
) -> None:
    """And again shortly before it ends."""
    instants = [0.0]
    fetched = outside.post(TOKEN)
    fetched.side_effect = [token("first"), token("second")]
    read = outside.get("/auth/admin/realms/acme/users/u1").respond(json={})
    async with client(lambda: instants[0]) as http:
        api = Api("keycloak", http)
        for instants[0] in (0.0, 44.0, 46.0):
            await api.read("/admin/realms/acme/users/u1")

    assert ["Bearer first", "Bearer first", "Bearer second"] == [
        call.request.headers["authorization"] for call in read.calls
    ]
    assert (
        b"grant_type=client_credentials&client_id=ops&client_secret=s"
        == fetched.calls.last.request.content
    )


async def test_a_token_that_was_withdrawn_is_fetched_again(
    outside: respx.MockRouter,
) -> None:
    """A 401 of an old token; of a new one it is an answer."""
    outside.post(TOKEN).mock(return_value=token("t"))
    read = outside.get("/auth/admin/realms/acme/users/u1")
    read.side_effect = [
        httpx.Response(200, json={}),
        httpx.Response(401),
        httpx.Response(200, json={"id": "u1"}),
    ]
    async with client(lambda: 0.0) as http:
        api = Api("keycloak", http)
        await api.read("/admin/realms/acme/users/u1")

        assert {"id": "u1"} == await api.read("/admin/realms/acme/users/u1")


class Endless(httpx.AsyncByteStream):
    """A body without end."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < 1000:
            self.taken += 1
            yield b" " * 10_000


async def test_the_body_of_a_withdrawn_token_ends_at_a_size(
    outside: respx.MockRouter,
) -> None:
    """The client would read it whole before the next request."""
    body = Endless()
    outside.post(TOKEN).mock(return_value=token("t"))
    read = outside.get("/auth/admin/realms/acme/users/u1")
    read.side_effect = [
        httpx.Response(200, json={}),
        httpx.Response(401, stream=body),
    ]
    async with client(lambda: 0.0) as http:
        api = Api("keycloak", http)
        await api.read("/admin/realms/acme/users/u1")
        with pytest.raises(Unreadable, match="more than 65536 bytes"):
            await api.read("/admin/realms/acme/users/u1")

    assert 7 == body.taken


async def test_the_body_of_a_token_ends_at_a_size(outside: respx.MockRouter) -> None:
    """And nothing else is asked without one."""
    body = Endless()
    outside.post(TOKEN).mock(return_value=httpx.Response(200, stream=body))
    async with client(lambda: 0.0) as http:
        with pytest.raises(NothingSent, match="no token: more than 65536 bytes"):
            await Api("keycloak", http).send("POST", "/admin/realms/acme/users/u1")

    assert 7 == body.taken


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, content=b'{"access_token": "t", "expires_in": NaN}'),
        token("t\r\nX-Admin: 1"),
        token("caf\u00e9"),
        token(""),
        token("t", seconds=-1),
    ],
)
async def test_without_a_token_nothing_is_sent(
    outside: respx.MockRouter, answer: httpx.Response
) -> None:
    """A write is known not to have happened."""
    outside.post(TOKEN).mock(return_value=answer)
    async with client(lambda: 0.0) as http:
        api = Api("keycloak", http)
        with pytest.raises(Unreadable, match="no token"):
            await api.read("/admin/realms/acme/users/u1")
        with pytest.raises(NothingSent, match="no token"):
            await api.send("POST", "/admin/realms/acme/users/u1/logout")


@pytest.mark.parametrize(
    ("config", "failed", "logins_shown"),
    [
        ({}, 0, True),
        ({"enabledEventTypes": []}, 0, True),
        ({"enabledEventTypes": ["LOGIN", "LOGIN_ERROR"]}, 0, True),
        ({"enabledEventTypes": ["LOGIN"]}, None, True),
        ({"enabledEventTypes": ["LOGIN_ERROR", "LOGOUT"]}, 0, False),
        ({"eventsEnabled": False, "enabledEventTypes": ["LOGIN"]}, None, False),
        ({"eventsExpiration": 0}, 0, True),
        ({"eventsExpiration": 3600}, 0, False),
        ({"eventsExpiration": 3599}, None, False),
    ],
)
async def test_log_ins_that_nobody_keeps_are_not_none_at_all(
    outside: respx.MockRouter,
    config: dict[str, object],
    failed: int | None,
    *,
    logins_shown: bool,
) -> None:
    """A realm without user events, or without these, answers with an empty list."""
    outside.get(f"{REALM}/events/config").respond(
        json={"adminEventsEnabled": True, **config}
    )
    outside.get(f"{REALM}/events").respond(json=[])
    outside.get(f"{REALM}/users/u1/sessions").respond(json=[])
    async with port_of("keycloak", outside) as port:
        found = await port.get("u1")

    assert (failed, logins_shown) == (
        found.failed_logins_last_hour,
        found.logins_shown,
    )


async def test_a_log_in_that_is_kept_is_the_last_one(
    outside: respx.MockRouter,
) -> None:
    """Older ones expire before it does."""
    outside.get(f"{REALM}/events/config").respond(
        json={"adminEventsEnabled": True, "eventsExpiration": 60}
    )
    outside.get(f"{REALM}/events").respond(json=[{"time": 7_000_000}])
    async with port_of("keycloak", outside) as port:
        found = await port.get("u1")

    assert (7000.0, True) == (found.last_login_at, found.logins_shown)


@pytest.mark.parametrize(("many", "is_capped"), [(99, False), (100, True)])
async def test_a_hundred_failures_are_at_least_so_many(
    outside: respx.MockRouter, many: int, *, is_capped: bool
) -> None:
    """No more are asked for."""
    outside.get(f"{REALM}/events").respond(json=[{"time": 2**52}] * many)
    async with port_of("keycloak", outside) as port:
        found = await port.get("u1")

    assert (many, is_capped) == (
        found.failed_logins_last_hour,
        found.failed_logins_capped,
    )


async def test_a_session_is_a_log_in_that_may_be_the_newest(
    outside: respx.MockRouter,
) -> None:
    """The realm may have stopped to keep log-ins since the last one that it kept."""
    outside.get(f"{REALM}/users/u1/sessions").respond(
        json=[{"id": "s1", "start": 5_000_000}, {"id": "s2", "start": 4_000_000}]
    )
    async with port_of("keycloak", outside) as port:
        assert 5000.0 == (await port.get("u1")).last_login_at
