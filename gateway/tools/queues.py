"""get_queue_state: depth, age and rates of one queue."""

from dataclasses import asdict

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict


class QueueParams(Strict):
    queue: str = Field(pattern=r"^[a-z][a-z0-9-]{0,60}$")


class QueueState(Strict):
    """Rates are messages per second."""

    queue: str
    depth: int
    oldest_age_seconds: float
    in_rate: float
    out_rate: float
    consumers: int


async def read_queue(
    params: QueueParams, ports: Ports, _occasion: Occasion
) -> QueueState:
    """Read one queue's load."""
    return QueueState(**asdict(await ports.queues.get(params.queue)))


GET_QUEUE_STATE = ReadTool(
    name="get_queue_state",
    version=1,
    params=QueueParams,
    result=QueueState,
    read=read_queue,
)
