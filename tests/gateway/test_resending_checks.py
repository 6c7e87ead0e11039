"""What is sent again passes what a first send passes, and dies as safely."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.intent import TargetBusy
from gateway.ports import Later, NothingSent, Refused, Unreadable
from gateway.registry import Registry
from storage.canonical import plain
from storage.errors import LeaseLost
from tests.faults import KillAt, Killed
from tests.gateway.expiring import SETTLED_SECONDS, expiring
from tests.gateway.outside import Failure
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, keys, states, step, writes
from tests.gateway.test_resending import unseen
from tests.gateway.world import World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def test_a_reach_that_grew_is_not_sent_again(world: World) -> None:
    """People approved it for so many, and for no more."""
    proposal = await unseen(world)
    world.outside.services.become(error_ratio=0.2, active_users=10**9)
    await step(world, proposal)

    reason = str((await world.proposal(proposal.id)).closed_reason)

    assert "the reach grew from" in reason
    assert "outcome_unknown" == (await states(world, proposal))[0]
    assert 1 == len(keys(world))


async def test_a_dry_run_is_asked_again(world: World) -> None:
    """The system would refuse it by now: it is not sent."""
    asked: list[int] = []

    async def rehearse(*_: object) -> None:
        asked.append(1)
        if len(asked) > 1:
            raise Refused("starts_at is not 5 minutes ahead")

    tool = replace(world.gate.registry.write("toggle_feature_flag"), rehearse=rehearse)
    others = world.gate.registry.find("get_dashboard_snapshot")
    registry = Registry((others, tool))
    strict = replace(world, gate=replace(world.gate, registry=registry))
    proposal = await unseen(strict)
    await step(strict, proposal)
    reason = str((await strict.proposal(proposal.id)).closed_reason)

    assert (2, 1, 0) == (len(asked), len(keys(strict)), writes(strict))
    assert "may still land (not sent again: the dry run was refused" in reason


async def test_another_worker_s_task_is_left_to_it(world: World) -> None:
    """Taken while it was read back: nothing is told of it, and nothing is settled."""
    proposal = await unseen(world)
    flags = world.outside.flags
    get = flags.get

    async def slow(key: str) -> object:
        await world.database_change(
            "UPDATE tasks SET fence = fence + 1 WHERE id = :id", id=proposal.task_id
        )
        return await get(key)

    flags.get = slow  # type: ignore[method-assign,assignment]
    with pytest.raises(LeaseLost):
        await step(world, proposal)

    assert ("executing", "executing") == await states(world, proposal)


async def test_a_busy_system_is_left_alone_as_long_as_it_asks(world: World) -> None:
    """A later try that is put off is read back when the system wants to be asked."""
    proposal = await unseen(world)
    busy = Failure(NothingSent("429", retry_after=120))
    world.outside.flags.writes.coming.append(busy)
    put_off = await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    early = await step(world, proposal)
    sent = len(keys(world))
    world.database.clock.move(seconds=120)
    await step(world, proposal)

    assert ("unknown", "unknown", 2) == (put_off.code, early.code, sent)
    assert put_off.retry_after_seconds >= 120
    assert (3, 1) == (len(keys(world)), writes(world))


async def test_the_target_of_what_was_put_off_is_nobody_else_s(world: World) -> None:
    """As long as it may land: another action on it waits, and is not sent."""
    proposal = await unseen(world)
    busy = Failure(NothingSent("429", retry_after=120))
    world.outside.flags.writes.coming.append(busy)
    await step(world, proposal)
    world.database.clock.move(seconds=100)
    params = {**plain(proposal.params), "enabled": True, "rollout_percent": 5}
    other = await world.approved(params=params)
    with pytest.raises(TargetBusy):
        await step(world, other)

    assert {f"{proposal.id}:apply"} == set(keys(world))


@pytest.mark.parametrize("edge", ["before", "after"])
@pytest.mark.parametrize("at", ["execution_intent", "tool_write", "execution_outcome"])
async def test_a_gateway_that_dies_while_it_sends_again_sends_nothing_twice(
    world: World, at: str, edge: str
) -> None:
    """One effect, under one key, whatever was stored of it."""
    proposal = await unseen(world)
    killed = world.killed_at(KillAt(f"{edge}:{at}"))
    with pytest.raises(Killed):
        await step(killed, proposal)
    world.outside.recover()
    while (await states(world, proposal))[1] == "executing":
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await step(world, proposal)

    assert (1, 1) == (writes(world), len(set(keys(world))))
    assert "succeeded" == (await states(world, proposal))[0]


async def test_a_silence_is_no_news_once_the_outcome_is_known(world: World) -> None:
    """The first sender's timeout, stored after another one read the effect back."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    flags = world.outside.flags
    write = flags.set

    async def slow(*given: object, **named: object) -> object:
        flags.set = write  # type: ignore[method-assign]
        try:
            return await write(*given, **named)  # type: ignore[arg-type]
        finally:
            world.database.clock.move(seconds=SETTLED_SECONDS)
            await step(world, proposal)

    flags.set = slow  # type: ignore[method-assign,assignment]
    late = await step(world, proposal)
    told = await world.events(proposal.task_id, "task.call_failed")

    assert ("settled already", []) == (late.text, told)
    assert "verifying" == (await states(world, proposal))[0]


async def with_dry_run(world: World, rehearse: Callable[..., Awaitable[None]]) -> World:
    tool = replace(world.gate.registry.write("toggle_feature_flag"), rehearse=rehearse)
    others = world.gate.registry.find("get_dashboard_snapshot")
    registry = Registry((others, tool))
    return replace(world, gate=replace(world.gate, registry=registry))


@pytest.mark.parametrize("ends", ["taken over", "silence"])
async def test_what_can_not_be_looked_at_does_not_wait_for_ever(
    world: World, ends: str
) -> None:
    """Whoever takes over gets it at once; else a person looks after ten minutes."""
    asked: list[int] = []

    async def rehearse(*_: object) -> None:
        asked.append(1)
        if len(asked) > 1:
            raise Unreadable("HTTP 503")

    away = await with_dry_run(world, rehearse)
    proposal = await unseen(away)
    waits = await step(away, proposal)
    if ends == "taken over":
        await away.database_change(
            "UPDATE tasks SET takeover_by = 'ann' WHERE id = :id", id=proposal.task_id
        )
    else:
        away.database.clock.move(seconds=601)
    await step(away, proposal)
    reason = str((await away.proposal(proposal.id)).closed_reason)

    assert ("unknown", 1) == (waits.code, len(keys(away)))
    assert "outcome_unknown" == (await states(away, proposal))[0]
    assert "ann took over" in reason or "nobody can look at it before" in reason


async def test_what_lands_while_it_is_looked_at_is_read_back(world: World) -> None:
    """Its system refuses what stands already; that is no reason to call it lost."""
    asked: list[int] = []

    async def rehearse(*_: object) -> None:
        asked.append(1)
        if len(asked) > 1:
            raise Refused("it is so already")

    keen = await with_dry_run(world, rehearse)
    proposal = await unseen(keen)
    flags = keen.outside.flags
    get = flags.get
    reads: list[int] = []

    async def landing(key: str) -> object:
        reads.append(1)
        if len(reads) > 1:
            flags.put(enabled=False, rollout_percent=0)
            flags.get = get  # type: ignore[method-assign]
        return await get(key)

    flags.get = landing  # type: ignore[method-assign,assignment]
    seen = await step(keen, proposal)
    await step(keen, proposal)

    assert "seen by now" in seen.text
    assert "verifying" == (await states(keen, proposal))[0]


async def test_lost_before_is_what_these_begin_with(world: World) -> None:
    """An answer that is lost before its effect leaves the execution open."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    answer = await step(world, proposal)

    assert ("unknown", 0) == (answer.code, writes(world))


async def test_what_is_not_sent_is_not_said_to_be(world: World) -> None:
    """The last look before it fails: log, ledger and its hour are as they were."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(Failure(Later("503", retry_after=300)))
    await step(world, proposal)
    world.database.clock.move(seconds=310)
    get = world.outside.flags.get
    reads: list[int] = []

    async def third_fails(key: str) -> object:
        reads.append(1)
        if len(reads) == 3:
            raise Later("503", retry_after=30)
        return await get(key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.outside.flags, "get", third_fails)
        answer = await step(world, proposal)
    calls = await world.rows("SELECT id FROM tool_calls WHERE phase = 'apply'")
    said = await world.events(proposal.task_id, "task.call_failed")
    [run] = await world.rows("SELECT not_before FROM executions")

    assert ("unknown", 3) == (answer.code, len(reads))
    assert (1, 1) == (len(keys(world)), len(calls))
    assert not any("sent again" in str(one) for one in said)
    assert run["not_before"] is not None
