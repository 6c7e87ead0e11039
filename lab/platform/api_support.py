"""Serve support tickets, campaigns and experiments."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from lab.json_object import JsonObject
from lab.platform.growth import SEGMENTS, Campaign, plan, why_not
from lab.platform.society import Society
from lab.platform.support import Ticket
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


class CampaignOrder(Change):
    segment: str
    template: str
    starts_at: Instant


class CommentOrder(Change):
    body: str = Field(min_length=1, max_length=10_000)
    public: bool


class SupportApi:
    def __init__(self, society: Society, desk: WriteDesk) -> None:
        self._society = society
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter()
        get, put = ["GET"], ["PUT"]
        for path, endpoint, methods in (
            ("/tickets", self.search, get),
            ("/tickets/{ticket_id}", self.ticket, get),
            ("/tickets/{ticket_id}/comments", self.comment, put),
            ("/campaigns", self.plan, get),
            ("/campaigns/{key}", self.campaign, get),
            ("/campaigns/{key}", self.schedule, put),
            ("/campaigns/{key}/rehearsal", self.rehearse, get),
            ("/experiments/{key}", self.experiment, get),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        return router

    async def search(
        self, query: str, limit: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> JsonObject:
        """Best first: those that hold the most of the words."""
        words = query.lower().split()
        ranked = sorted(
            self._society.tickets.values(), key=lambda one: -one.likeness(words)
        )
        found = [one.rendered() for one in ranked if one.likeness(words)]
        return {"tickets": found[:limit]}

    async def ticket(self, ticket_id: str) -> JSONResponse:
        return with_version(self._ticket(ticket_id).rendered())

    async def comment(
        self, ticket_id: str, change: CommentOrder, given: Given
    ) -> JSONResponse:
        ticket = self._ticket(ticket_id)
        return self._desk.put(
            Deed(
                "ticket.commented",
                ticket_id,
                f"/platform/tickets/{ticket_id}/comments",
            ),
            change,
            given,
            state=ticket.rendered,
            act=lambda now: ticket.comment(
                change.changed_by, change.body, public=change.public, now=now
            ),
        )

    async def plan(self) -> JsonObject:
        return plan(self._society.campaigns.values())

    async def campaign(self, key: str) -> JSONResponse:
        return with_version(self._campaign(key).rendered())

    async def rehearse(
        self, key: str, segment: str, template: str, starts_at: AwareDatetime
    ) -> JsonObject:
        """Say how many people it would reach, or why it would not start."""
        now = self._desk.clock()
        against = why_not(
            self._campaign(key),
            segment,
            template,
            starts_at=starts_at.timestamp(),
            now=now,
        )
        return {"audience": SEGMENTS.get(segment, 0), "refused": against}

    async def schedule(
        self, key: str, change: CampaignOrder, given: Given
    ) -> JSONResponse:
        campaign = self._campaign(key)
        begin = change.starts_at.timestamp()

        def act(now: float) -> None:
            against = why_not(
                campaign, change.segment, change.template, starts_at=begin, now=now
            )
            if against is not None:
                raise refused(against)
            campaign.schedule(change.segment, change.template, begin)
            self._society.campaigns[key] = campaign

        return self._desk.put(
            Deed("campaign.scheduled", key, f"/platform/campaigns/{key}"),
            change,
            given,
            state=campaign.rendered,
            act=act,
        )

    async def experiment(self, key: str) -> JsonObject:
        for one in self._society.experiments:
            if one["key"] == key:
                return one
        known = [str(one["key"]) for one in self._society.experiments]
        raise unknown("experiment", key, known)

    def _ticket(self, ticket_id: str) -> Ticket:
        if ticket_id not in self._society.tickets:
            raise unknown("ticket", ticket_id, list(self._society.tickets))
        return self._society.tickets[ticket_id]

    def _campaign(self, key: str) -> Campaign:
        return self._society.campaigns.get(key) or Campaign(key)
