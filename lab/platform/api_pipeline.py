"""Serve consumer groups and pipelines, and the platform's audit log."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from lab.json_object import JsonObject
from lab.platform.pipeline import ConsumerGroup, Pipeline
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


class BackfillOrder(Change):
    from_at: Instant
    to_at: Instant


class PipelineApi:
    def __init__(self, society: Society, desk: WriteDesk) -> None:
        self._society = society
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter()
        get, put = ["GET"], ["PUT"]
        for path, endpoint, methods in (
            ("/consumers/{name}", self.group, get),
            ("/consumers/{name}/restart", self.restart, put),
            ("/pipelines/{name}", self.pipeline, get),
            ("/pipelines/{name}/rehearsal", self.rehearse, get),
            ("/pipelines/{name}/backfills", self.backfill, put),
            ("/audit", self.audit, get),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        return router

    async def group(self, name: str) -> JSONResponse:
        return with_version(self._group(name).rendered())

    async def restart(self, name: str, change: Change, given: Given) -> JSONResponse:
        group = self._group(name)
        return self._desk.put(
            Deed("consumer.restarted", name, f"/platform/consumers/{name}/restart"),
            change,
            given,
            state=group.rendered,
            act=group.restart,
        )

    async def pipeline(self, name: str) -> JSONResponse:
        return with_version(self._pipeline(name).rendered(self._desk.clock()))

    async def rehearse(
        self, name: str, from_at: AwareDatetime, to_at: AwareDatetime
    ) -> JsonObject:
        """Say how many rows it would write, or why it would not."""
        pipeline = self._pipeline(name)
        begin, end = from_at.timestamp(), to_at.timestamp()
        return {
            "rows": pipeline.rows(begin, end),
            "refused": pipeline.why_not(begin, end),
        }

    async def backfill(
        self, name: str, change: BackfillOrder, given: Given
    ) -> JSONResponse:
        pipeline = self._pipeline(name)
        begin, end = change.from_at.timestamp(), change.to_at.timestamp()

        def act(_now: float) -> None:
            against = pipeline.why_not(begin, end)
            if against is not None:
                raise refused(against)
            pipeline.backfill(begin, end)

        return self._desk.put(
            Deed("backfill.started", name, f"/platform/pipelines/{name}/backfills"),
            change,
            given,
            state=lambda: pipeline.rendered(self._desk.clock()),
            act=act,
        )

    async def audit(
        self,
        query: str = "",
        since: float = 0.0,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> JsonObject:
        found = self._desk.audit.search(query, since=since, most=limit)
        return {"entries": found}

    def _group(self, name: str) -> ConsumerGroup:
        if name not in self._society.groups:
            raise unknown("consumer group", name, list(self._society.groups))
        return self._society.groups[name]

    def _pipeline(self, name: str) -> Pipeline:
        if name not in self._society.pipelines:
            raise unknown("pipeline", name, list(self._society.pipelines))
        return self._society.pipelines[name]
