"""Consumer groups, pipelines and the audit over HTTP."""

from lab.clock import iso
from tests.lab.platform.steps import get, put, status
from tests.lab.world import World

PIPELINE = "/platform/pipelines/warehouse"
RESTART = "/platform/consumers/warehouse-loader/restart"


async def test_a_backfill_is_rehearsed_and_ordered(world: World) -> None:
    """The same range, the same rows; a rehearsal writes nothing."""
    now = world.clock()
    order = {"from_at": iso(now - 500), "to_at": iso(now - 100)}
    rehearsed = await get(world, f"{PIPELINE}/rehearsal", **order)
    before = await get(world, PIPELINE)
    answer = await put(world, f"{PIPELINE}/backfills", order, If_Match="1")
    again = await put(world, f"{PIPELINE}/backfills", order, If_Match="2")

    assert (160_000, None) == (rehearsed["rows"], rehearsed["refused"])
    assert [] == before["backfills"]
    assert 160_000 == answer.json()["backfills"][0]["rows_total"]
    assert (409, True) == (again.status_code, "overlaps" in again.text)


async def test_a_restart_counts(world: World) -> None:
    """And shows in the audit, found by its words."""
    answer = await put(world, RESTART, {}, If_Match="1")
    found = await get(world, "/platform/audit", query="restarted warehouse")

    assert 1 == answer.json()["restarts"]
    assert ["operator"] == [one["actor"] for one in found["entries"]]


async def test_a_group_is_read_as_a_queue(world: World) -> None:
    """Under its own name."""
    queue = await get(world, "/platform/queues/warehouse-loader")

    assert (4, 0) == (queue["consumers"], queue["depth"])
    assert 404 == await status(world, "/platform/consumers/nobody")
    assert 404 == await status(world, "/platform/pipelines/nothing")
