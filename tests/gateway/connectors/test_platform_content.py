"""Content, frictions and appeals at the platform."""

import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_content import (
    PlatformAppeals,
    PlatformContents,
    PlatformFrictions,
)
from tests.gateway.connectors.cases_platform import remove, resolve
from tests.gateway.connectors.platform_answers import (
    APPEAL,
    AT,
    CONTENT,
    FRICTION,
    SECONDS,
)


async def test_content_and_appeal_are_read(
    platform: Api, outside: respx.MockRouter
) -> None:
    """With instants in seconds."""
    outside.get("/contents/c_1").respond(json=CONTENT)
    outside.get("/appeals/a_1").respond(json=APPEAL)
    content = await PlatformContents(platform).get("c_1")
    appeal = await PlatformAppeals(platform).get("a_1")

    assert (SECONDS, SECONDS) == (content.created_at, appeal.opened_at)


async def test_a_friction_is_written(platform: Api, outside: respx.MockRouter) -> None:
    """Its kind and its end go out, what stands now comes back."""
    route = outside.put("/frictions/content:c_1").respond(json=FRICTION)
    friction = await PlatformFrictions(platform).set(
        "content:c_1",
        friction_type="slow_mode",
        expires_at=SECONDS,
        seen_version=2,
        idempotency_key="k",
    )

    assert ("slow_mode", SECONDS) == (friction.friction_type, friction.expires_at)
    assert f'"expires_at":"{AT}"'.encode() in route.calls.last.request.content


async def test_an_appeal_and_a_removal_are_written(
    platform: Api, outside: respx.MockRouter
) -> None:
    """With resolution and reason."""
    appeal = outside.put("/appeals/a_1").respond(json=APPEAL)
    removal = outside.put("/contents/c_1/removal").respond(json=CONTENT)
    await resolve(PlatformAppeals(platform), 3)
    await remove(PlatformContents(platform), 3)

    assert b'"resolution":"upheld"' in appeal.calls.last.request.content
    assert b'"reason_code":"spam"' in removal.calls.last.request.content
