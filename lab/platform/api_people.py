"""Serve users: their accounts and bans, their push tokens, their way in."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from lab.platform.people import Person
from lab.platform.society import Society
from lab.platform.write_desk import (
    Change,
    Deed,
    Given,
    Instant,
    WriteDesk,
    refused,
    unknown,
    with_version,
)


class PushChange(Change):
    revoked: bool


class Ban(Change):
    """`until: null` bans for ever; it may not be left out."""

    until: Instant | None
    reason_code: str


class PeopleApi:
    def __init__(self, society: Society, desk: WriteDesk) -> None:
        self._society = society
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter()
        get, put = ["GET"], ["PUT"]
        for path, endpoint, methods in (
            ("/users/{user_id}", self.account, get),
            ("/users/{user_id}/push", self.set_push, put),
            ("/users/{user_id}/ban", self.ban, put),
            ("/users/{user_id}/identity", self.identity, get),
            ("/users/{user_id}/sessions", self.end_sessions, put),
            ("/users/{user_id}/reset-link", self.send_reset, put),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        return router

    async def account(self, user_id: str) -> JSONResponse:
        return with_version(self._person(user_id).account())

    async def set_push(
        self, user_id: str, change: PushChange, given: Given
    ) -> JSONResponse:
        person = self._person(user_id)
        return self._desk.put(
            Deed("user.push_changed", user_id, f"/platform/users/{user_id}/push"),
            change,
            given,
            state=person.account,
            act=lambda _now: person.set_push(revoked=change.revoked),
        )

    async def ban(self, user_id: str, change: Ban, given: Given) -> JSONResponse:
        person = self._person(user_id)

        def act(now: float) -> None:
            until = None if change.until is None else change.until.timestamp()
            if until is not None and until <= now:
                raise refused("until is over already; ban until a later instant")
            person.ban(until)

        return self._desk.put(
            Deed("user.banned", user_id, f"/platform/users/{user_id}/ban"),
            change,
            given,
            state=person.account,
            act=act,
        )

    async def identity(self, user_id: str) -> JSONResponse:
        return with_version(self._person(user_id).identity())

    async def end_sessions(
        self, user_id: str, change: Change, given: Given
    ) -> JSONResponse:
        person = self._person(user_id)
        return self._desk.put(
            Deed("user.sessions_ended", user_id, f"/platform/users/{user_id}/sessions"),
            change,
            given,
            state=person.identity,
            act=lambda _now: person.end_sessions(),
        )

    async def send_reset(
        self, user_id: str, change: Change, given: Given
    ) -> JSONResponse:
        person = self._person(user_id)
        return self._desk.put(
            Deed("user.reset_sent", user_id, f"/platform/users/{user_id}/reset-link"),
            change,
            given,
            state=person.identity,
            act=person.send_reset,
        )

    def _person(self, user_id: str) -> Person:
        if user_id not in self._society.people:
            raise unknown("user", user_id, list(self._society.people))
        return self._society.people[user_id]
