"""The words of ``autopilot events``."""

import pytest

from tests.cli.world import Autopilot, Environment
from tests.database import Urls


@pytest.fixture(autouse=True)
def reader(environment: Environment, urls: Urls) -> None:
    environment.set(
        DATABASE_URL_SEALER=urls["sealer"], EVENTS_URL="unix:///nowhere/bus.sock"
    )


def test_each_word_says_what_is_wrong(autopilot: Autopilot) -> None:
    """A bus that is away, a tenant that is not there: one line, exit 1."""
    tail = autopilot("events", "tail")
    replay = autopilot("events", "replay", "--tenant", "nobody")

    assert (1, 1) == (tail.code, replay.code)
    assert tail.err.startswith("autopilot: redis: ")
    assert "nobody" in replay.err
    assert (1, 1) == (len(tail.err.splitlines()), len(replay.err.splitlines()))
