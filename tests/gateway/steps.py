"""What tests of executions ask and count."""

from gateway.ports import NothingSent, OutcomeUnknown
from storage.proposals import Proposal
from tests.gateway.outside import Failure
from tests.gateway.world import World
from wire.control import ExecutionAnswer

NOT_SENT = Failure(NothingSent("connection refused"))
PUT_OFF = Failure(NothingSent("429 Too Many Requests", retry_after=40))
LOST_BEFORE = Failure(OutcomeUnknown("ReadTimeout"))
LOST_AFTER = Failure(OutcomeUnknown("ReadTimeout"), applied=True)


async def states(world: World, proposal: Proposal) -> tuple[str, str]:
    """Give the state of proposal and task."""
    now = await world.proposal(proposal.id)
    return now.state.value, (await world.state(now.task_id)).value


async def step(world: World, proposal: Proposal) -> ExecutionAnswer:
    return await world.advance(proposal.task_id)


async def outcomes(world: World) -> list[str | None]:
    rows = await world.rows('SELECT outcome FROM executions ORDER BY "try"')
    return [row["outcome"] for row in rows]


def keys(world: World) -> list[str]:
    """Give the idempotency keys under which writes were sent."""
    return world.outside.flags.writes.asked


def writes(world: World) -> int:
    """Count the writes that took effect."""
    return len(world.outside.flags.writes.done)
