"""Users over HTTP."""

import pytest

from lab.clock import iso
from lab.json_object import JsonObject
from tests.lab.platform.steps import get, put
from tests.lab.world import World

USER = "/platform/users/u_1002"


@pytest.mark.parametrize(
    ("path", "change", "field", "value"),
    [
        ("/push", {"revoked": True}, "push_revoked", True),
        ("/ban", {"until": None, "reason_code": "spam"}, "status", "banned"),
        ("/sessions", {}, "sessions", 0),
        ("/reset-link", {}, "version", 2),
    ],
)
async def test_a_user_is_written(
    world: World, path: str, change: JsonObject, field: str, value: object
) -> None:
    """Each write answers with the new state, under the next version."""
    answer = await put(world, USER + path, change, If_Match="1")

    assert (200, value) == (answer.status_code, answer.json()[field])
    assert 2 == answer.json()["version"]


async def test_a_ban_until_the_past_is_refused(world: World) -> None:
    """Nothing changes, and the refusal says what to do."""
    over = {"until": iso(world.clock() - 1), "reason_code": "spam"}
    answer = await put(world, f"{USER}/ban", over, If_Match="1")

    assert (409, True) == (answer.status_code, "later" in answer.json()["detail"])
    assert "active" == (await get(world, USER))["status"]


async def test_an_account_has_a_way_in(world: World) -> None:
    """Account and identity are two reads."""
    account, identity = await get(world, USER), await get(world, f"{USER}/identity")

    assert (["c_2002"], 2) == (account["recent_content"], identity["sessions"])
