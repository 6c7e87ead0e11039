"""Execution from the worker's side: ask until it is over."""

from uuid import uuid4

import pytest

from gateway.client import GatewayAway, GatewayFailed, GatewayRefused
from orchestrator import execution
from orchestrator.execution import Stuck, execute
from policy.scope import Scope
from policy.task import TaskState
from storage.tasks import Claim
from tests.orchestrator.world import FakeGateway
from wire.control import ExecutionAnswer
from wire.tools import Refusal

CLAIM = Claim(Scope("acme", "prod"), uuid4(), TaskState.executing, 7)


def answer(code: str, retry_after_seconds: float = 0.0) -> ExecutionAnswer:
    return ExecutionAnswer.model_validate(
        {"code": code, "text": code, "retry_after_seconds": retry_after_seconds}
    )


def refused(code: str) -> GatewayRefused:
    return GatewayRefused(Refusal(code=code, rule="r", message="m"))


@pytest.mark.parametrize("code", ["succeeded", "failed", "lapsed", "idle"])
async def test_steps_are_taken_until_it_is_over(code: str) -> None:
    """What goes on is asked again after the wait that was said."""
    gateway = FakeGateway(
        answer("refused_for_now", 0.01), answer("verifying", 0.01), answer(code)
    )
    over = await execute(gateway, CLAIM)

    assert over is not None
    assert code == over.code
    assert 3 == len(gateway.executed)


async def test_what_has_to_wait_holds_no_slot() -> None:
    """A freeze, a spent budget, a busy system: somebody asks again later."""
    gateway = FakeGateway(answer("verifying"), answer("refused_for_now", 5.0))
    waits = await execute(gateway, CLAIM)

    assert waits is not None
    assert ("refused_for_now", 5.0) == (waits.code, waits.retry_after_seconds)


@pytest.mark.usefixtures("no_wait")
async def test_a_step_that_is_always_refused_is_given_up() -> None:
    """Params that this release does not take are no matter of time."""
    gateway = FakeGateway(*[refused("invalid_params")] * 40)
    with pytest.raises(Stuck, match="refused 30 times"):
        await execute(gateway, CLAIM)


async def test_each_step_names_the_claim() -> None:
    """Scope, task and fence go with every request."""
    gateway = FakeGateway(answer("idle"))
    await execute(gateway, CLAIM)
    [request] = gateway.executed

    assert ("acme", "prod", CLAIM.task_id, 7) == (
        request.tenant_id,
        request.environment,
        request.task_id,
        request.fence,
    )


@pytest.mark.parametrize("code", ["lease_lost", "not_found"])
async def test_a_lost_claim_ends_it(code: str) -> None:
    """The task is another's: stop, and decide nothing."""
    assert await execute(FakeGateway(refused(code)), CLAIM) is None


async def test_a_busy_target_holds_no_slot() -> None:
    """It may be another's for minutes: the task is claimed again later."""
    gateway = FakeGateway(refused("target_busy"), answer("succeeded"))
    over = await execute(gateway, CLAIM)

    assert over is not None
    assert ("refused_for_now", 5.0) == (over.code, over.retry_after_seconds)
    assert 1 == len(gateway.executed)


async def test_what_passes_is_waited_for() -> None:
    """A gateway that is away is asked again a second later."""
    gateway = FakeGateway(GatewayAway("no socket"), answer("succeeded"))
    over = await execute(gateway, CLAIM)

    assert over is not None
    assert 2 == len(gateway.executed)


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_AWAY_SECONDS", 0.0)


@pytest.mark.usefixtures("no_wait")
async def test_a_step_that_always_fails_is_given_up() -> None:
    """A fault in a tool's own code must not show "running" for the whole night."""
    gateway = FakeGateway(*[GatewayFailed("see its log")] * 100)

    with pytest.raises(Stuck, match="failed 30 times: see its log"):
        await execute(gateway, CLAIM)
    assert 30 == len(gateway.executed)


@pytest.mark.usefixtures("no_wait")
async def test_a_gateway_that_is_away_is_never_given_up() -> None:
    """Nor one that fails now and then."""
    now_and_then: list[Exception | ExecutionAnswer]
    now_and_then = [GatewayFailed("now"), answer("verifying")] * 40
    away = [GatewayAway("no socket")] * 100
    over = await execute(FakeGateway(*now_and_then, *away, answer("succeeded")), CLAIM)

    assert over is not None
    assert "succeeded" == over.code
