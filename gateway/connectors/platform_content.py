"""The platform's content, the frictions on it, and appeals."""

from gateway.connectors.http import Api
from gateway.connectors.platform_call import Answered, Instant, PlatformCall, iso, part
from gateway.subjects import Appeal, ContentState, FrictionState


class _Content(Answered):
    content_id: str
    author_id: str
    kind: str
    created_at: Instant
    text: str
    status: str
    removed_reason: str | None
    views_last_hour: int
    replies_last_hour: int
    repliers_last_hour: int
    reports: int
    labels: tuple[str, ...]
    thread_size: int
    version: int


class _Friction(Answered):
    target: str
    friction_type: str | None
    expires_at: Instant | None
    people_last_hour: int
    actions_last_hour: int
    version: int


class _Appeal(Answered):
    appeal_id: str
    user_id: str
    action: str
    subject_id: str
    opened_at: Instant
    statement: str
    status: str
    version: int


class PlatformContents:
    """Fulfils ``Contents``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, content_id: str) -> ContentState:
        found = await self._call.read(_Content, f"/contents/{part(content_id)}")
        return ContentState(**found.model_dump())

    async def remove(
        self,
        content_id: str,
        *,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> ContentState:
        found = await self._call.write(
            _Content,
            f"/contents/{part(content_id)}/removal",
            {"reason_code": reason_code},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return ContentState(**found.model_dump())


class PlatformFrictions:
    """Fulfils ``Frictions``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, target: str) -> FrictionState:
        found = await self._call.read(_Friction, f"/frictions/{part(target)}")
        return FrictionState(**found.model_dump())

    async def set(
        self,
        target: str,
        *,
        friction_type: str | None,
        expires_at: float | None,
        seen_version: int,
        idempotency_key: str,
    ) -> FrictionState:
        found = await self._call.write(
            _Friction,
            f"/frictions/{part(target)}",
            {
                "friction_type": friction_type,
                "expires_at": None if expires_at is None else iso(expires_at),
            },
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return FrictionState(**found.model_dump())


class PlatformAppeals:
    """Fulfils ``Appeals``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, appeal_id: str) -> Appeal:
        found = await self._call.read(_Appeal, f"/appeals/{part(appeal_id)}")
        return Appeal(**found.model_dump())

    async def resolve(
        self,
        appeal_id: str,
        *,
        resolution: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Appeal:
        found = await self._call.write(
            _Appeal,
            f"/appeals/{part(appeal_id)}",
            {"resolution": resolution},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return Appeal(**found.model_dump())
