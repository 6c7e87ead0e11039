"""One write: each way in which it may end, and what a read-back may conclude."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import BaseModel

from gateway.effect import Write, carry_out, read_back
from gateway.outcome import Ended
from gateway.ports import (
    ConnectorError,
    Later,
    NotConfigured,
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)
from gateway.subjects import FlagState
from gateway.tools.catalog import all_tools
from storage.executions import Execution
from storage.steps import Effect
from tests.gateway.outside import FLAG, Failure
from tests.gateway.world import FLAG_OFF, World

TOOL = all_tools().write("toggle_feature_flag")


async def write_of(world: World) -> Write:
    params = TOOL.params.model_validate(FLAG_OFF)
    seen = await TOOL.observe(params, world.gate.ports)
    return Write(world.gate, TOOL, params, seen, "incident_mitigation")


def execution_of(world: World, *, seconds: float = 10.0) -> Execution:
    now = world.database.clock()
    return Execution(
        id=UUID(int=1),
        task_id=UUID(int=2),
        proposal_id=UUID(int=3),
        kind="apply",
        fence=1,
        idempotency_key="key",
        outcome=None,
        before={},
        after=None,
        error=None,
        begun_at=now,
        effect_deadline_at=now + timedelta(seconds=seconds),
        finished_at=None,
        verify_deadline_at=None,
        verified_at=None,
        not_before=None,
    )


@pytest.mark.parametrize(
    ("error", "ended"),
    [
        (NothingSent("refused"), Ended.not_sent),
        (NothingSent("429", retry_after=9), Ended.put_off),
        (Later("503", retry_after=9), Ended.unknown),
        (NotConfigured("no connector"), Ended.not_sent),
        (StateMoved("412"), Ended.moved),
        (Refused("403"), Ended.failed),
        (OutcomeUnknown("timeout"), Ended.unknown),
        (Unreadable("its answer makes no sense"), Ended.unknown),
    ],
)
async def test_each_way_to_end_is_a_value(
    world: World, error: ConnectorError, ended: Ended
) -> None:
    """Nothing is raised: what the system did says what follows."""
    world.outside.flags.writes.coming.append(Failure(error))
    outcome = await carry_out(
        await write_of(world), execution_of(world), Effect.tool_write
    )

    assert (ended, str(error)) == (outcome.ended, outcome.error)


async def test_an_answer_out_of_bounds_is_read_back(world: World) -> None:
    """It was sent: what it says is no state, and no crash."""

    async def execute(*_given: object) -> BaseModel:
        return TOOL.state.model_validate(
            {**(await write_of(world)).seen.model_dump(), "rollout_percent": 400}
        )

    write = replace(await write_of(world), tool=replace(TOOL, execute=execute))
    outcome = await carry_out(write, execution_of(world), Effect.tool_write)

    assert Ended.unknown is outcome.ended
    assert "rollout_percent" in (outcome.error or "")


async def test_a_write_gives_the_state_it_left(world: World) -> None:
    """The new version is kept: an undo compares with it."""
    outcome = await carry_out(
        await write_of(world), execution_of(world), Effect.tool_write
    )

    assert Ended.applied is outcome.ended
    assert outcome.after is not None
    assert (8, False) == (outcome.after["version"], outcome.after["enabled"])


async def test_an_answer_that_says_otherwise_is_no_answer(world: World) -> None:
    """A 200 with another state than was asked for is read back, not believed."""

    class Lying:
        repeatable = True

        async def set(self, key: str, **_asked: object) -> FlagState:
            return world.outside.flags.flags[key]

    ports = replace(world.gate.ports, flags=Lying())  # type: ignore[arg-type]
    write = await write_of(world)
    write = replace(write, gate=replace(world.gate, ports=ports))
    outcome = await carry_out(write, execution_of(world), Effect.tool_write)

    assert Ended.unknown is outcome.ended


async def test_a_read_back_tells_what_became_of_it(world: World) -> None:
    """As before, as meant, or neither."""
    write = await write_of(world)
    before = await read_back(write)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    meant = await read_back(write)
    world.outside.flags.put(enabled=True, rollout_percent=9)
    neither = await read_back(write)

    assert (Ended.not_seen, Ended.applied, Ended.lost) == (
        before.ended,
        meant.ended,
        neither.ended,
    )


async def test_without_key_or_condition_nothing_is_sent_again(world: World) -> None:
    """A request may still land: a person looks instead of a second one."""
    world.outside.flags.repeatable = False
    outcome = await read_back(await write_of(world))

    assert Ended.lost is outcome.ended
    assert "no condition or key" in (outcome.error or "")


async def test_an_unreadable_target_is_no_conclusion(world: World) -> None:
    """The read-back is tried again later."""
    write = await write_of(world)
    world.outside.flags.unreadable = True

    with pytest.raises(Unreadable, match=FLAG):
        await read_back(write)


async def test_a_read_back_waits_for_deadline_and_settling(world: World) -> None:
    """A sent request may land until both are over."""
    write = await write_of(world)
    left = write.settled_at(execution_of(world, seconds=10))

    assert 10 + TOOL.settle_seconds == pytest.approx(left)


@pytest.mark.parametrize("seconds", [0.0, -60.0])
async def test_nothing_is_sent_after_its_deadline(world: World, seconds: float) -> None:
    """A process that stood still meanwhile begins nothing: it was read back."""
    late = execution_of(world, seconds=seconds)
    found = await carry_out(await write_of(world), late, Effect.tool_write)

    assert Ended.not_sent is found.ended
    assert [] == world.outside.flags.writes.asked


async def test_another_s_change_at_the_same_rollout_is_not_ours(world: World) -> None:
    """The system's own form tells them apart; two numbers would not."""
    world.outside.flags.set_form('{"strategies": ["ours"]}')
    write = await write_of(world)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    world.outside.flags.set_form('{"strategies": ["theirs"]}')
    theirs = await read_back(write)
    world.outside.flags.set_form("changed")
    ours = await read_back(write)

    assert (Ended.lost, Ended.applied) == (theirs.ended, ours.ended)
