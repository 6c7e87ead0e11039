"""Serve content, the frictions on it, and appeals."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from lab.platform.content import Content
from lab.platform.society import Society
from lab.platform.support import Appeal
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


class FrictionType(StrEnum):
    SLOW_MODE = "slow_mode"
    CONFIRM = "confirm"
    FOLLOWERS_ONLY = "followers_only"


class Resolution(StrEnum):
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Removal(Change):
    reason_code: str


class FrictionChange(Change):
    """`friction_type: null` lifts it; an instant that is over does too."""

    friction_type: Annotated[FrictionType, Field(strict=False)] | None
    expires_at: Instant | None


class AppealChange(Change):
    resolution: Annotated[Resolution, Field(strict=False)]


class ContentApi:
    def __init__(self, society: Society, desk: WriteDesk) -> None:
        self._society = society
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter()
        get, put = ["GET"], ["PUT"]
        for path, endpoint, methods in (
            ("/contents/{content_id}", self.content, get),
            ("/contents/{content_id}/removal", self.remove, put),
            ("/frictions/{target}", self.friction, get),
            ("/frictions/{target}", self.set_friction, put),
            ("/appeals/{appeal_id}", self.appeal, get),
            ("/appeals/{appeal_id}", self.resolve, put),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        return router

    async def content(self, content_id: str) -> JSONResponse:
        return with_version(self._content(content_id).rendered())

    async def remove(
        self, content_id: str, change: Removal, given: Given
    ) -> JSONResponse:
        """Take it out of sight; what an appeal overturns comes back."""
        content = self._content(content_id)
        return self._desk.put(
            Deed(
                "content.removed",
                content_id,
                f"/platform/contents/{content_id}/removal",
            ),
            change,
            given,
            state=content.rendered,
            act=lambda _now: content.remove(change.reason_code),
        )

    async def friction(self, target: str) -> JSONResponse:
        self._check_target(target)
        now = self._desk.clock()
        return with_version(self._society.render_friction(target, now))

    async def set_friction(
        self, target: str, change: FrictionChange, given: Given
    ) -> JSONResponse:
        self._check_target(target)
        friction = self._society.friction(target)
        until = change.expires_at
        kind = None if change.friction_type is None else str(change.friction_type)
        return self._desk.put(
            Deed("friction.changed", target, f"/platform/frictions/{target}"),
            change,
            given,
            state=lambda: self._society.render_friction(target, self._desk.clock()),
            act=lambda _now: friction.set(
                kind, None if until is None else until.timestamp()
            ),
        )

    async def appeal(self, appeal_id: str) -> JSONResponse:
        return with_version(self._appeal(appeal_id).rendered())

    async def resolve(
        self, appeal_id: str, change: AppealChange, given: Given
    ) -> JSONResponse:
        appeal = self._appeal(appeal_id)

        def act(_now: float) -> None:
            if appeal.status != "open":
                raise refused(f"appeal {appeal_id} is {appeal.status} already")
            appeal.resolve(str(change.resolution))
            if change.resolution is Resolution.OVERTURNED:
                self._society.overturn(appeal)

        return self._desk.put(
            Deed("appeal.resolved", appeal_id, f"/platform/appeals/{appeal_id}"),
            change,
            given,
            state=appeal.rendered,
            act=act,
        )

    def _content(self, content_id: str) -> Content:
        if content_id not in self._society.contents:
            raise unknown("content", content_id, list(self._society.contents))
        return self._society.contents[content_id]

    def _appeal(self, appeal_id: str) -> Appeal:
        if appeal_id not in self._society.appeals:
            raise unknown("appeal", appeal_id, list(self._society.appeals))
        return self._society.appeals[appeal_id]

    def _check_target(self, target: str) -> None:
        if not self._society.knows(target):
            kinds = ["content:<id>", "user:<id>", "gathering:<id>"]
            raise unknown("target", target, kinds)
