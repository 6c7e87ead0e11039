"""The platform's consumer groups, its pipelines, and its own audit log."""

from collections.abc import Sequence

from gateway.connectors.http import Api
from gateway.connectors.platform_call import Answered, Instant, PlatformCall, iso, part
from gateway.ports import Refused
from gateway.subjects import AuditEntry, Backfill, ConsumerState, PipelineState


class _Consumer(Answered):
    consumer_group: str
    topic: str
    pipeline: str | None
    members: int
    lag: int | None
    lag_seconds: float | None
    in_rate: float
    out_rate: float
    restarts: int
    restarted_at: Instant | None
    version: int


class _Backfill(Answered):
    id: str
    from_at: Instant
    to_at: Instant
    state: str
    rows_done: int
    rows_total: int


class _Pipeline(Answered):
    pipeline: str
    watermark_at: Instant
    lag_seconds: float
    rows_per_second: float
    gaps: tuple[tuple[Instant, Instant], ...]
    backfills: tuple[_Backfill, ...]
    version: int


class _Rehearsal(Answered):
    rows: int
    refused: str | None


class _Entry(Answered):
    at: Instant
    actor: str
    action: str
    target: str
    detail: str


class _Entries(Answered):
    entries: list[_Entry]


class PlatformConsumers:
    """Fulfils ``Consumers``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, consumer_group: str) -> ConsumerState:
        found = await self._call.read(_Consumer, f"/consumers/{part(consumer_group)}")
        return ConsumerState(**found.model_dump())

    async def restart(
        self, consumer_group: str, *, seen_version: int, idempotency_key: str
    ) -> ConsumerState:
        found = await self._call.write(
            _Consumer,
            f"/consumers/{part(consumer_group)}/restart",
            {},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return ConsumerState(**found.model_dump())


class PlatformPipelines:
    """Fulfils ``Pipelines``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, pipeline: str) -> PipelineState:
        return _pipeline(
            await self._call.read(_Pipeline, f"/pipelines/{part(pipeline)}")
        )

    async def rehearse(self, pipeline: str, *, from_at: float, to_at: float) -> int:
        """
        Give the rows that a backfill would write.

        Raises:
            Refused: with the platform's words.
        """
        found = await self._call.read(
            _Rehearsal,
            f"/pipelines/{part(pipeline)}/rehearsal",
            {"from_at": iso(from_at), "to_at": iso(to_at)},
        )
        if found.refused is not None:
            raise Refused(f"platform: {pipeline}: {found.refused}")
        return found.rows

    async def backfill(
        self,
        pipeline: str,
        *,
        from_at: float,
        to_at: float,
        seen_version: int,
        idempotency_key: str,
    ) -> PipelineState:
        return _pipeline(
            await self._call.write(
                _Pipeline,
                f"/pipelines/{part(pipeline)}/backfills",
                {"from_at": iso(from_at), "to_at": iso(to_at)},
                seen_version=seen_version,
                idempotency_key=idempotency_key,
            )
        )


class PlatformAudit:
    """Fulfils ``PlatformAudit``."""

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def search(
        self, query: str, *, since: float, most: int
    ) -> Sequence[AuditEntry]:
        found = await self._call.read(
            _Entries, "/audit", {"query": query, "since": since, "limit": most}
        )
        return [AuditEntry(**one.model_dump()) for one in found.entries]


def _pipeline(found: _Pipeline) -> PipelineState:
    fields = found.model_dump()
    backfills = tuple(Backfill(**one) for one in fields.pop("backfills"))
    return PipelineState(**fields, backfills=backfills)
