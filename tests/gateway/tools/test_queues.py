"""get_queue_state: one queue, as it stands."""

import pytest

from gateway.registry import Occasion
from gateway.tools.queues import QueueParams, read_queue
from tests.gateway.outside import SCOPE, Outside


async def test_a_queue_is_read(outside: Outside) -> None:
    """Depth, age and rates under our own names."""
    found = await read_queue(
        QueueParams(queue="default"), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert ("default", 12, 40.0, 41.0) == (
        found.queue,
        found.depth,
        found.in_rate,
        found.out_rate,
    )


@pytest.mark.parametrize("name", ["", "Default", "a/b", "../etc", "a b"])
def test_a_queues_name_is_a_slug(name: str) -> None:
    """No path and no blank reaches a URL."""
    with pytest.raises(ValueError, match="queue"):
        QueueParams(queue=name)
