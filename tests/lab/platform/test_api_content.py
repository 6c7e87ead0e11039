"""Content, frictions and appeals over HTTP."""

import pytest

from lab.clock import iso
from tests.lab.platform.steps import get, put, status
from tests.lab.world import SteppedClock, World

FRICTION = "/platform/frictions/content:c_2001"


async def test_a_friction_is_set_and_runs_out(
    world: World, clock: SteppedClock
) -> None:
    """By itself, at its instant."""
    change = {"friction_type": "slow_mode", "expires_at": iso(clock() + 60)}
    answer = await put(world, FRICTION, change, If_Match="1")
    clock.now += 61
    later = await get(world, FRICTION)

    assert ("slow_mode", 2) == (
        answer.json()["friction_type"],
        answer.json()["version"],
    )
    assert (None, None, 2) == (
        later["friction_type"],
        later["expires_at"],
        later["version"],
    )


async def test_content_is_removed(world: World) -> None:
    """With its reason."""
    change = {"reason_code": "spam"}
    path = "/platform/contents/c_2002/removal"
    answer = await put(world, path, change, If_Match="1")

    assert ("removed", "spam") == (
        answer.json()["status"],
        answer.json()["removed_reason"],
    )


async def test_an_appeal_is_resolved_once(world: World) -> None:
    """Overturned, its ban is over; a second resolution is refused."""
    path = "/platform/appeals/a_501"
    first = await put(world, path, {"resolution": "overturned"}, If_Match="1")
    second = await put(world, path, {"resolution": "upheld"}, If_Match="2")

    assert ("overturned", 409) == (first.json()["status"], second.status_code)
    assert "active" == (await get(world, "/platform/users/u_1004"))["status"]


@pytest.mark.parametrize(
    "path",
    [
        "/platform/contents/c_1",
        "/platform/frictions/content:c_1",
        "/platform/appeals/a_1",
        "/platform/users/u_1",
    ],
)
async def test_what_is_not_there_is_404(world: World, path: str) -> None:
    """And says what there is."""
    assert 404 == await status(world, path)
