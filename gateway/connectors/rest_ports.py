"""The ports that a REST connector serves: thin typed classes over one engine."""

from collections.abc import Callable, Mapping, Sequence

from gateway.connectors.rest import Reader, RestPort, Writer, count
from gateway.subjects import (
    Account,
    Appeal,
    AuditEntry,
    CampaignPlan,
    CampaignState,
    ConsumerState,
    ContentState,
    FrictionState,
    PipelineState,
    QueueLoad,
    ServiceLoad,
    ThrottleState,
)


class RestCatalogue:
    def __init__(self, port: RestPort) -> None:
        self._get = Reader(port, "service", ServiceLoad)

    async def service(self, name: str) -> ServiceLoad:
        return await self._get.read({"name": name})


class RestQueues:
    def __init__(self, port: RestPort) -> None:
        self._get = Reader(port, "get", QueueLoad)

    async def get(self, name: str) -> QueueLoad:
        return await self._get.read({"name": name})


class RestThrottles:
    def __init__(self, port: RestPort) -> None:
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", ThrottleState)
        self._set = Writer(port, "set", self._get)

    async def get(self, service: str, route: str) -> ThrottleState:
        return await self._get.read({"service": service, "route": route})

    async def set(
        self,
        service: str,
        route: str,
        *,
        limit_rps: int | None,
        seen_version: int,
        idempotency_key: str,
    ) -> ThrottleState:
        return await self._set.write(
            {"service": service, "route": route},
            {"limit_rps": limit_rps},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestAccounts:
    def __init__(self, port: RestPort) -> None:
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", Account)
        self._set_push = Writer(port, "set_push", self._get)
        self._ban = Writer(port, "ban", self._get)

    async def get(self, user_id: str) -> Account:
        return await self._get.read({"user_id": user_id})

    async def set_push(
        self, user_id: str, *, revoked: bool, seen_version: int, idempotency_key: str
    ) -> Account:
        return await self._set_push.write(
            {"user_id": user_id},
            {"revoked": revoked},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )

    async def ban(
        self,
        user_id: str,
        *,
        until: float | None,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Account:
        return await self._ban.write(
            {"user_id": user_id},
            {"until": until, "reason_code": reason_code},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestContents:
    def __init__(self, port: RestPort) -> None:
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", ContentState)
        self._remove = Writer(port, "remove", self._get)

    async def get(self, content_id: str) -> ContentState:
        return await self._get.read({"content_id": content_id})

    async def remove(
        self,
        content_id: str,
        *,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> ContentState:
        return await self._remove.write(
            {"content_id": content_id},
            {"reason_code": reason_code},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestFrictions:
    def __init__(self, port: RestPort) -> None:
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", FrictionState)
        self._set = Writer(port, "set", self._get)

    async def get(self, target: str) -> FrictionState:
        return await self._get.read({"target": target})

    async def set(
        self,
        target: str,
        *,
        friction_type: str | None,
        expires_at: float | None,
        seen_version: int,
        idempotency_key: str,
    ) -> FrictionState:
        return await self._set.write(
            {"target": target},
            {"friction_type": friction_type, "expires_at": expires_at},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestAppeals:
    def __init__(self, port: RestPort) -> None:
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", Appeal)
        self._resolve = Writer(port, "resolve", self._get)

    async def get(self, appeal_id: str) -> Appeal:
        return await self._get.read({"appeal_id": appeal_id})

    async def resolve(
        self,
        appeal_id: str,
        *,
        resolution: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Appeal:
        return await self._resolve.write(
            {"appeal_id": appeal_id},
            {"resolution": resolution},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestConsumers:
    def __init__(self, port: RestPort) -> None:
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", ConsumerState)
        self._restart = Writer(port, "restart", self._get)

    async def get(self, consumer_group: str) -> ConsumerState:
        return await self._get.read({"consumer_group": consumer_group})

    async def restart(
        self, consumer_group: str, *, seen_version: int, idempotency_key: str
    ) -> ConsumerState:
        return await self._restart.write(
            {"consumer_group": consumer_group},
            {},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestPipelines:
    def __init__(self, port: RestPort) -> None:
        self._port = port
        self.repeatable = port.repeatable
        self._get = Reader(port, "get", PipelineState)
        self._backfill = Writer(port, "backfill", self._get)

    async def get(self, pipeline: str) -> PipelineState:
        return await self._get.read({"pipeline": pipeline})

    async def rehearse(self, pipeline: str, *, from_at: float, to_at: float) -> int:
        return await count(
            self._port,
            "rehearse",
            {"pipeline": pipeline, "from_at": from_at, "to_at": to_at},
        )

    async def backfill(
        self,
        pipeline: str,
        *,
        from_at: float,
        to_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> PipelineState:
        return await self._backfill.write(
            {"pipeline": pipeline},
            {"from_at": from_at, "to_at": to_at},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestCampaigns:
    def __init__(self, port: RestPort) -> None:
        self._port = port
        self.repeatable = port.repeatable
        self._plan = Reader(port, "plan", CampaignPlan)
        self._get = Reader(port, "get", CampaignState)
        self._schedule = Writer(port, "schedule", self._get)

    async def plan(self) -> CampaignPlan:
        return await self._plan.read({})

    async def get(self, campaign_key: str) -> CampaignState:
        return await self._get.read({"campaign_key": campaign_key})

    async def rehearse(
        self, campaign_key: str, *, segment: str, template: str, starts_at: float
    ) -> int:
        return await count(
            self._port,
            "rehearse",
            {
                "campaign_key": campaign_key,
                "segment": segment,
                "template": template,
                "starts_at": starts_at,
            },
        )

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
        return await self._schedule.write(
            {"campaign_key": campaign_key},
            {"segment": segment, "template": template, "starts_at": starts_at},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )


class RestAudit:
    def __init__(self, port: RestPort) -> None:
        self._search = Reader(port, "search", AuditEntry)

    async def search(
        self, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]:
        found = await self._search.read_rows(
            {"query": query, "since": since, "most": most}
        )
        return found[:most]


REST_PORTS: Mapping[str, Callable[[RestPort], object]] = {
    "catalogue": RestCatalogue,
    "queues": RestQueues,
    "throttles": RestThrottles,
    "accounts": RestAccounts,
    "contents": RestContents,
    "frictions": RestFrictions,
    "appeals": RestAppeals,
    "consumers": RestConsumers,
    "pipelines": RestPipelines,
    "campaigns": RestCampaigns,
    "audit": RestAudit,
}
