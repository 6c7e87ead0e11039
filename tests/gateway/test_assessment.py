"""The digest: it changes with every field that a person is shown."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.assessment import assess, digest_of
from gateway.gate import RefusedCall
from policy.alert import Severity
from policy.task import TaskKind, TaskState
from storage.proposals import Proposal
from storage.tasks import Task
from tests.gateway.outside_society import TARGET as FRICTION_TARGET
from tests.gateway.world import World


async def example(world: World) -> tuple[Task, Proposal]:
    proposal = await world.shown()
    return await world.task(proposal.task_id), proposal


async def test_the_digest_is_of_what_is_stored(world: World) -> None:
    """Read back from its rows, a proposal hashes to the digest that was shown."""
    task, proposal = await example(world)

    assert proposal.digest == digest_of(task, proposal)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", uuid4()),
        ("revision", 2),
        ("tool", "throttle_endpoint"),
        ("tool_version", 99),
        ("params", {"flag_key": "other", "enabled": False, "rollout_percent": 0}),
        ("params", {"flag_key": "new_ranker", "enabled": True, "rollout_percent": 0}),
        ("reason_code", "undo"),
        ("before", {"version": 8}),
        ("evidence_ids", ("00000000-0000-7000-8000-000000000000",)),
        ("estimate", {"amount": 4000}),
        ("expires_in_seconds", 86_400),
        ("undo", {}),
    ],
)
async def test_another_field_is_another_digest(
    world: World, name: str, value: object
) -> None:
    """Nothing that decides or informs can differ under one digest."""
    task, proposal = await example(world)
    changed = replace(proposal, **{name: value})  # type: ignore[arg-type]

    assert proposal.digest != digest_of(task, changed)


@pytest.mark.parametrize(("name", "value"), [("tenant_id", "x"), ("environment", "x")])
async def test_another_scope_is_another_digest(
    world: World, name: str, value: str
) -> None:
    """An approval holds in the tenant and environment it was given for."""
    task, proposal = await example(world)
    changed = replace(task, **{name: value})  # type: ignore[arg-type]

    assert proposal.digest != digest_of(changed, proposal)


async def test_a_tasks_course_leaves_the_digest(world: World) -> None:
    """State, fence, severity and card state are no part of what was approved."""
    task, proposal = await example(world)
    later = replace(
        task,
        state=TaskState.executing,
        fence=9,
        severity=Severity.info,
        kind=TaskKind.data,
    )
    moved = replace(
        proposal, closed_by="x", latest_at=proposal.latest_at + timedelta(1)
    )

    assert proposal.digest == digest_of(later, moved)


async def test_what_the_target_does_not_take_is_no_unreadable_target(
    world: World,
) -> None:
    """A friction of a hundred years: refused by rule, and the words say what to do."""
    params = {
        "target": FRICTION_TARGET,
        "friction_type": "slow_mode",
        "expires_at": "2126-01-01T00:00:00Z",
    }
    with pytest.raises(RefusedCall, match="choose a later instant") as caught:
        await assess(world.gate, "apply_friction", params, reason_code="dogpile")

    assert (422, "refused_by_target") == (caught.value.status, caught.value.code)
