"""
Keycloak Admin REST API: a user's sessions, their end, and the mail for a new password.

Keycloak has no conditional write and no idempotency key: the state is read and compared
right before, and a write is not repeatable. Log-ins are known where the realm keeps
user events, the last reset mail where it keeps admin events. Where it keeps none, no
mail is asked for: nobody could tell afterwards whether it went out.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable

import httpx
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from gateway.connectors.breaker import CircuitOpen
from gateway.connectors.capped import BodyRefused, cap
from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit, fit_value
from gateway.ports import (
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)
from gateway.subjects import IdentityState

_VERSION_BYTES = 6
_HOUR_SECONDS = 3600
_SPARE_SECONDS = 15
_MOST_EVENTS = 100
# A token carries the roles of its client: some kilobytes.
_MOST_TOKEN_BYTES = 64 * 1024


# What a realm without a record of its mails is told.
NO_RECORD = (
    "the realm keeps no admin events, so nobody could tell whether the mail went out; "
    "switch on `Save events` of the realm's admin events"
)


class _Token(BaseModel):
    """A token that a header can carry; ``expires_in`` is seconds."""

    access_token: str = Field(pattern=r"^[\x21-\x7e]+$", max_length=_MOST_TOKEN_BYTES)
    expires_in: float = Field(ge=0, allow_inf_nan=False)


class _User(BaseModel):
    id: str
    enabled: bool = True


class _Session(BaseModel):
    id: str
    start: int = 0


class _Attack(BaseModel):
    disabled: bool
    numFailures: int  # noqa: N815 - Keycloak's own name


class _Kept(BaseModel):
    """
    What the realm records.

    ``enabledEventTypes``: of which user events; without one, all that it ever saves.
    ``eventsExpiration``: for how many seconds; without them, for ever.
    """

    adminEventsEnabled: bool  # noqa: N815 - Keycloak's own name
    eventsEnabled: bool = True  # noqa: N815 - Keycloak's own name
    enabledEventTypes: list[str] = []  # noqa: N815 - Keycloak's own name
    eventsExpiration: int | None = None  # noqa: N815 - Keycloak's own name

    def keeps(self, kind: str) -> bool:
        kinds = self.enabledEventTypes
        return self.eventsEnabled and (kind in kinds or not kinds)

    def keeps_an_hour(self, kind: str) -> bool:
        lasts = self.eventsExpiration or _HOUR_SECONDS
        return self.keeps(kind) and lasts >= _HOUR_SECONDS


class _Event(BaseModel):
    time: int
    type: str = ""


_SESSIONS = TypeAdapter(list[_Session])
_EVENTS = TypeAdapter(list[_Event])


class NoToken(httpx.ConnectError):
    """Keycloak gave no token, so that the request itself was not sent."""


class ClientCredentials(httpx.Auth):
    """
    A service account's token, fetched when it is needed and once more after a 401.

    ``now`` gives seconds of a clock that never goes back. httpx reads an answer whole
    before the next request of a flow goes: each is capped before that.
    """

    def __init__(
        self, *, realm: str, client_id: str, secret: str, now: Callable[[], float]
    ) -> None:
        self._path = f"realms/{segment(realm)}/protocol/openid-connect/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        }
        self._now = now
        self._token = ""
        self._ends_at = 0.0

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        fresh = self._now() >= self._ends_at
        if fresh:
            await self._keep((yield self._asking(request)))
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and not fresh:
            cap(answer, _MOST_TOKEN_BYTES)
            await answer.aread()
            await self._keep((yield self._asking(request)))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _asking(self, request: httpx.Request) -> httpx.Request:
        before = request.url.path.partition("/admin/realms/")[0]
        url = request.url.copy_with(path=f"{before}/{self._path}", query=None)
        return httpx.Request("POST", url, data=self._form)

    async def _keep(self, answer: httpx.Response) -> None:
        try:
            cap(answer, _MOST_TOKEN_BYTES)
            body = await answer.aread()
        except BodyRefused as exc:
            raise NoToken(f"no token: {exc}") from exc
        if not answer.is_success:
            raise NoToken(f"no token: HTTP {answer.status_code}; check the client")
        try:
            token = _Token.model_validate_json(body)
        except ValidationError as exc:
            raise NoToken("no token: the answer holds none") from exc
        self._token = token.access_token
        self._ends_at = self._now() + token.expires_in - _SPARE_SECONDS


class Keycloak:
    """Fulfils ``Identity``; ``now`` gives Unix seconds."""

    repeatable = False

    def __init__(
        self,
        api: Api,
        *,
        realm: str,
        reset_lifespan_seconds: int,
        now: Callable[[], float],
    ) -> None:
        self._api = api
        self._realm = f"/admin/realms/{segment(realm)}"
        self._lifespan_seconds = reset_lifespan_seconds
        self._now = now

    async def get(self, user_id: str) -> IdentityState:
        what = f"{self._api.name}: user {user_id}"
        path = self._path(user_id)
        user = fit(_User, await self._api.read(path), what=what)
        sessions = fit_value(
            _SESSIONS, await self._api.read(f"{path}/sessions"), what=what
        )
        attack = fit(
            _Attack,
            await self._api.read(
                f"{self._realm}/attack-detection/brute-force/users/{segment(user_id)}"
            ),
            what=what,
        )
        logins = await self._events("LOGIN", user_id)
        failures = await self._events("LOGIN_ERROR", user_id)
        hour_ago = (self._now() - _HOUR_SECONDS) * 1000
        kept = await self._kept()
        shown = kept.adminEventsEnabled
        reset = await self._last_reset(user_id) if shown else None
        failed = sum(one.time >= hour_ago for one in failures)
        counts = kept.keeps_an_hour("LOGIN_ERROR")
        last = _newest([one.time for one in logins] + [one.start for one in sessions])
        return IdentityState(
            user_id=user_id,
            sessions=len(sessions),
            last_login_at=last,
            failed_logins_last_hour=failed if counts else None,
            locked=attack.disabled or not user.enabled,
            reset_sent_at=reset,
            version=_version(sessions, reset),
            session_ids=tuple(sorted(one.id for one in sessions)),
            resets_shown=shown,
            # One that is too old to be kept any more is no "never".
            logins_shown=kept.keeps("LOGIN")
            and (last is not None or not kept.eventsExpiration),
            failed_logins_capped=counts and failed >= _MOST_EVENTS,
        )

    async def end_sessions(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        del idempotency_key  # see the module
        await self._check(user_id, seen_version)
        await self._api.send("POST", f"{self._path(user_id)}/logout")
        return await self._after(user_id)

    async def send_reset_link(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        del idempotency_key  # see the module
        now = await self._check(user_id, seen_version)
        if not now.resets_shown:
            raise Refused(f"{self._api.name}: {NO_RECORD}")
        await self._api.send(
            "PUT",
            f"{self._path(user_id)}/execute-actions-email"
            f"?lifespan={self._lifespan_seconds}",
            ["UPDATE_PASSWORD"],
        )
        return await self._after(user_id)

    async def _check(self, user_id: str, seen_version: int) -> IdentityState:
        try:
            now = await self.get(user_id)
        except CircuitOpen:
            raise
        except Unreadable as exc:
            raise NothingSent(
                f"not written, because not readable: {exc}", retry_after=exc.retry_after
            ) from exc
        if now.version != seen_version:
            raise StateMoved(f"{self._api.name}: user {user_id} changed since seen")
        return now

    async def _after(self, user_id: str) -> IdentityState:
        try:
            return await self.get(user_id)
        except Unreadable as exc:
            raise OutcomeUnknown(f"written, and then not readable: {exc}") from exc

    async def _events(self, kind: str, user_id: str) -> list[_Event]:
        raw = await self._api.read(
            f"{self._realm}/events",
            {"type": kind, "user": user_id, "max": _MOST_EVENTS},
        )
        return fit_value(_EVENTS, raw, what=f"{self._api.name}: events of {user_id}")

    async def _kept(self) -> _Kept:
        raw = await self._api.read(f"{self._realm}/events/config")
        return fit(_Kept, raw, what=f"{self._api.name}: events of the realm")

    async def _last_reset(self, user_id: str) -> float | None:
        raw = await self._api.read(
            f"{self._realm}/admin-events",
            {
                "operationTypes": "ACTION",
                "resourcePath": f"users/{user_id}/execute-actions-email",
                "max": 1,
            },
        )
        what = f"{self._api.name}: admin events of {user_id}"
        return _newest([one.time for one in fit_value(_EVENTS, raw, what=what)])

    def _path(self, user_id: str) -> str:
        return f"{self._realm}/users/{segment(user_id)}"


def _newest(milliseconds: list[int]) -> float | None:
    last = max(milliseconds, default=0)
    return last / 1000 if last else None


def _version(sessions: list[_Session], reset: float | None) -> int:
    """Give 48 bits of a hash of what a write of ours changes."""
    known = json.dumps([sorted(one.id for one in sessions), reset])
    return int.from_bytes(hashlib.sha256(known.encode()).digest()[:_VERSION_BYTES])
