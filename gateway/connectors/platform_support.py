"""The platform's support tickets, campaigns and experiments."""

from collections.abc import Sequence

from gateway.connectors.http import Api
from gateway.connectors.platform_call import Answered, Instant, PlatformCall, iso, part
from gateway.ports import Refused
from gateway.subjects import (
    CampaignPlan,
    CampaignState,
    Comment,
    Experiment,
    PlannedCampaign,
    Segment,
    Ticket,
    VariationResult,
)


class _Comment(Answered):
    author: str
    body: str
    public: bool
    at: Instant


class _Ticket(Answered):
    ticket_id: str
    subject: str
    status: str
    priority: str
    requester_name: str
    requester_email: str
    user_id: str | None
    tags: tuple[str, ...]
    created_at: Instant
    updated_at: Instant
    comments: tuple[_Comment, ...]
    version: int


class _Tickets(Answered):
    tickets: list[_Ticket]


class _Campaign(Answered):
    campaign_key: str
    state: str
    segment: str | None
    template: str | None
    starts_at: Instant | None
    audience: int
    version: int


class _PlannedCampaign(Answered):
    campaign_key: str
    state: str


class _Segment(Answered):
    segment: str
    people: int


class _Plan(Answered):
    campaigns: tuple[_PlannedCampaign, ...]
    segments: tuple[_Segment, ...]
    templates: tuple[str, ...]


class _Rehearsal(Answered):
    audience: int
    refused: str | None


class _Result(Answered):
    metric: str
    variation: str
    users: int
    value: float
    chance_to_win: float | None


class _Experiment(Answered):
    key: str
    name: str
    status: str
    phase: str
    started_at: Instant | None
    coverage: float
    variations: tuple[str, ...]
    results: tuple[_Result, ...]


class PlatformTickets:
    """Fulfils ``Tickets``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, ticket_id: str) -> Ticket:
        return _ticket(await self._call.read(_Ticket, f"/tickets/{part(ticket_id)}"))

    async def comment(
        self,
        ticket_id: str,
        *,
        body: str,
        public: bool,
        seen_version: int,
        idempotency_key: str,
    ) -> Ticket:
        return _ticket(
            await self._call.write(
                _Ticket,
                f"/tickets/{part(ticket_id)}/comments",
                {"body": body, "public": public},
                seen_version=seen_version,
                idempotency_key=idempotency_key,
            )
        )

    async def search(self, query: str, *, most: int) -> Sequence[Ticket]:
        wanted: dict[str, str | int | float] = {"query": query, "limit": most}
        found = await self._call.read(_Tickets, "/tickets", wanted)
        return [_ticket(one) for one in found.tickets]


class PlatformCampaigns:
    """Fulfils ``Campaigns``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def plan(self) -> CampaignPlan:
        found = await self._call.read(_Plan, "/campaigns")
        return CampaignPlan(
            campaigns=tuple(
                PlannedCampaign(**one.model_dump()) for one in found.campaigns
            ),
            segments=tuple(Segment(**one.model_dump()) for one in found.segments),
            templates=found.templates,
        )

    async def get(self, campaign_key: str) -> CampaignState:
        found = await self._call.read(_Campaign, f"/campaigns/{part(campaign_key)}")
        return CampaignState(**found.model_dump())

    async def rehearse(
        self, campaign_key: str, *, segment: str, template: str, starts_at: float
    ) -> int:
        """
        Give how many people a campaign would reach.

        Raises:
            Refused: with the platform's words.
        """
        found = await self._call.read(
            _Rehearsal,
            f"/campaigns/{part(campaign_key)}/rehearsal",
            {"segment": segment, "template": template, "starts_at": iso(starts_at)},
        )
        if found.refused is not None:
            raise Refused(f"platform: {campaign_key}: {found.refused}")
        return found.audience

    async def schedule(
        self,
        campaign_key: str,
        *,
        segment: str,
        template: str,
        starts_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> CampaignState:
        found = await self._call.write(
            _Campaign,
            f"/campaigns/{part(campaign_key)}",
            {"segment": segment, "template": template, "starts_at": iso(starts_at)},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return CampaignState(**found.model_dump())


class PlatformExperiments:
    """Fulfils ``Experiments``."""

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, key: str) -> Experiment:
        found = await self._call.read(_Experiment, f"/experiments/{part(key)}")
        fields = found.model_dump()
        results = tuple(VariationResult(**one) for one in fields.pop("results"))
        return Experiment(**fields, results=results)


def _ticket(found: _Ticket) -> Ticket:
    fields = found.model_dump()
    comments = tuple(Comment(**one) for one in fields.pop("comments"))
    return Ticket(**fields, comments=comments)
